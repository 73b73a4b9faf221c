package cli

import (
	"io"
	"runtime"
	"testing"
)

// TestWorkersHaveProcessors: no more workers begin than there are processors, whose time they
// would share.
func TestWorkersHaveProcessors(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for asked, want := range map[int]int{1: 1, 3: 3, 8: 3} {
		a := &app{Streams: Streams{Out: io.Discard, Err: io.Discard}, getenv: func(string) string { return "" }}
		f := &runFlags{workers: asked}
		if err := a.runSettings(a.newRun(), f); err != nil || f.workers != want {
			t.Errorf("of %d workers %d begin, not %d: %v", asked, f.workers, want, err)
		}
	}
}
