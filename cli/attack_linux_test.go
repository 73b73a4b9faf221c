package cli_test

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// watchMemory returns the peak of a process's resident memory, and ends the process
// when that is twice what it may be: the machine has other things to do.
func watchMemory(p *os.Process, ended <-chan struct{}) (peak int64) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return peak
		case <-tick.C:
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Pid))
		if err != nil {
			continue // it is over
		}
		_, of, _ := strings.Cut(string(status), "VmHWM:")
		var kib int64
		if _, err := fmt.Sscan(of, &kib); err == nil {
			peak = max(peak, kib<<10)
		}
		if peak > 2*attackMemory {
			_ = p.Kill() // it may have ended
			<-ended
			return peak
		}
	}
}
