package wasm_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// A million calls of which every hundredth fails leave no memory and no
// goroutine behind.
func TestFailuresLeaveNothing(t *testing.T) {
	const calls = 1_000_000
	for _, limit := range []struct {
		name   string
		config wasm.Config
		calls  int
	}{
		{"trusted", wasm.Config{Functions: faultyFunctions, Timeout: -1}, calls},
		{"timed", wasm.Config{Functions: faultyFunctions}, calls / 4},
	} {
		t.Run(limit.name, func(t *testing.T) {
			g := guestOf(t, load(t, "faulty", limit.config))
			soak(t, g, limit.calls/4)
			heap, goroutines := inUse()
			soak(t, g, limit.calls)
			heapAfter, goroutinesAfter := inUse()
			t.Logf("heap %d, then %d bytes; goroutines %d, then %d", heap, heapAfter, goroutines, goroutinesAfter)
			if heapAfter > heap+4<<20 || goroutinesAfter > goroutines+2 {
				t.Errorf("%d calls left %d bytes and %d goroutines behind", limit.calls, heapAfter-heap, goroutinesAfter-goroutines)
			}
		})
	}
}

func soak(t *testing.T, g *wasm.Guest, calls int) {
	t.Helper()
	ctx := context.Background()
	failing := []string{"trap", "refuse", "far", "unknown"}
	args := []alert.Value{alert.OfText("10.1.2.3"), alert.OfInt(7)}
	for i := range calls {
		if i%100 != 99 {
			if _, err := g.Call(ctx, "echo", args); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if _, err := g.Call(ctx, failing[i/100%len(failing)], args); err == nil {
			t.Fatal("a failing call did not fail")
		}
	}
}

// inUse is the heap and the goroutines that are left after collection.
func inUse() (heap uint64, goroutines int) {
	runtime.GC()
	runtime.GC() // what the first only finalised
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc, runtime.NumGoroutine()
}
