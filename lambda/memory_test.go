package lambda

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
)

// However many objects wait, those at work never weigh more than the memory; all
// get their turn, and one that is heavier than the total goes alone.
func TestMemoryIsNeverExceeded(t *testing.T) {
	m := newMemory(512 << 20)
	var used, most atomic.Int64
	var all sync.WaitGroup
	for i := range 200 {
		weight := weigh(int64(i) * 100_000)
		if i%40 == 0 {
			weight = math.MaxInt64
		}
		all.Go(func() {
			release, err := m.reserve(t.Context(), weight)
			if err != nil {
				t.Error(err)
				return
			}
			most.Store(max(most.Load(), used.Add(min(weight, m.total))))
			used.Add(-min(weight, m.total))
			release()
		})
	}
	all.Wait()
	if most.Load() > m.total || m.free != m.total {
		t.Errorf("%d of %d were used at one time, %d are free at the end", most.Load(), m.total, m.free)
	}
}

func TestWaitingForMemoryEndsWithTheTime(t *testing.T) {
	m := newMemory(512 << 20)
	release, err := m.reserve(t.Context(), m.total)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errTime)
	if _, err := m.reserve(ctx, 1); !errors.Is(err, errTime) {
		t.Errorf("waiting ended with %v", err)
	}
	release()
}

// The weight grows with the object, up to what any object takes.
func TestWeights(t *testing.T) {
	last := int64(0)
	for _, size := range []int64{-1, 0, 1, 1 << 20, 10 << 20, 1 << 40, math.MaxInt64} {
		w := weigh(size)
		if w < last || w > mostWeight || w < leastWeight-perByte {
			t.Errorf("%d bytes weigh %d, after %d", size, w, last)
		}
		last = w
	}
}
