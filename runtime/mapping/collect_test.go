package mapping

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// Law: after a start, and after one that began before the first was over, the collector is as
// before with the next collection, and the limit of memory at once.
func TestCollectLessEnds(t *testing.T) {
	percent := debug.SetGCPercent(150)
	limit := debug.SetMemoryLimit(1 << 40)
	defer debug.SetGCPercent(percent)
	defer debug.SetMemoryLimit(limit)
	restore := CollectLess()
	if now := debug.SetMemoryLimit(-1); now >= 1<<40 {
		t.Errorf("during a start the limit is %d", now)
	}
	restore()
	CollectLess()()
	if now := debug.SetMemoryLimit(-1); now != 1<<40 {
		t.Errorf("after a start the limit is %d", now)
	}
	for began := time.Now(); ; runtime.Gosched() {
		runtime.GC()
		now := debug.SetGCPercent(150)
		if now == 150 {
			return
		}
		debug.SetGCPercent(now)
		if time.Since(began) > 10*time.Second {
			t.Fatalf("the collector waits for %d %% of garbage", now)
		}
	}
}
