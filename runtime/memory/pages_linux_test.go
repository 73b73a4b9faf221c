package memory

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// TestLargePages: the heap has space for which the system was asked for large pages, if it knows
// any, and a second call finds that there is enough.
func TestLargePages(t *testing.T) {
	_, err := os.Stat("/sys/kernel/mm/transparent_hugepage/enabled")
	enlarge()
	free := unused()
	if free < largePages/2 {
		t.Errorf("the heap has %d unused bytes", free)
	}
	maps, readErr := os.ReadFile("/proc/self/smaps")
	if readErr != nil {
		t.Fatal(readErr)
	}
	if got, want := asked(t, maps) >= largePages, err == nil; got != want {
		t.Errorf("large pages were asked for: %v; the system has some: %v", got, want)
	}
	LargePages()
	if again := unused(); again > free+largePages/2 {
		t.Errorf("after a second call the heap has %d unused bytes, before it %d", again, free)
	}
}

// asked is the bytes of the areas that have the flag for large pages.
func asked(t *testing.T, maps []byte) (n uint64) {
	size := uint64(0)
	for line := range bytes.Lines(maps) {
		if bytes.HasPrefix(line, []byte("Size:")) {
			if _, err := fmt.Sscanf(string(line), "Size: %d kB", &size); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.HasPrefix(line, []byte("VmFlags:")) && bytes.Contains(line, []byte(" hg")) {
			n += size << 10
		}
	}
	return n
}
