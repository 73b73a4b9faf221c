package cli

import (
	"io"
	"runtime"
	"testing"
)

// TestWorkersHaveProcessors: no more workers begin than there are processors, whose time they
// would share.
func TestWorkersHaveProcessors(t *testing.T) {
	for asked, want := range map[int]int{1: 1, 3: 3, 8: 3} {
		a := &app{processors: 3, Streams: Streams{Out: io.Discard, Err: io.Discard}, getenv: func(string) string { return "" }}
		f := &runFlags{workers: asked}
		if err := a.runSettings(a.newRun(), f); err != nil || f.workers != want {
			t.Errorf("of %d workers %d begin, not %d: %v", asked, f.workers, want, err)
		}
	}
}

// TestWhoWaitsForADiskKeepsNobody: a process lets one more goroutine run than it has processors for.
func TestWhoWaitsForADiskKeepsNobody(t *testing.T) {
	processors := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(processors)
	if code := Main([]string{"version"}, nil, io.Discard, io.Discard); code != 0 {
		t.Fatalf("exit %d", code)
	}
	if n := runtime.GOMAXPROCS(0); n != processors+1 {
		t.Errorf("%d goroutines may run on %d processors", n, processors)
	}
}
