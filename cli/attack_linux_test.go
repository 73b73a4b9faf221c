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
		peak = max(peak, residentBytes(p.Pid, "VmHWM:"))
		if peak > 2*attackMemory {
			_ = p.Kill() // it may have ended
			<-ended
			return peak
		}
	}
}

// residentBytes is a line of a process's status that counts memory, 0 if the process is
// over.
func residentBytes(pid int, line string) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, of, _ := strings.Cut(string(status), line)
	var kib int64
	if _, err := fmt.Sscan(of, &kib); err != nil {
		return 0
	}
	return kib << 10
}
