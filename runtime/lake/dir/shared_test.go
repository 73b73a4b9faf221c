package dir

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Law: when sync returns, a flush is over that began after the call did: one of all, or the
// caller's own.
func TestSyncWaitsForAFlushThatBeganAfterIt(t *testing.T) {
	var clock, begun, flushes, alone atomic.Int64 // begun is of the flush that is over
	s := newShared(func() error {
		at := clock.Add(1)
		time.Sleep(time.Millisecond)
		begun.Store(at)
		flushes.Add(1)
		return nil
	})
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			for range 10 {
				called, itself := clock.Add(1), false
				var own func() error
				if i%2 == 0 {
					own = func() error { itself = true; alone.Add(1); return nil }
				}
				if err := s.sync(own); err != nil {
					t.Error(err)
				}
				if !itself && begun.Load() < called {
					t.Errorf("a sync at %d was answered by a flush that began at %d", called, begun.Load())
				}
			}
		})
	}
	all.Wait()
	if n := flushes.Load() + alone.Load(); n > 250 {
		t.Errorf("500 syncs by 50 goroutines took %d flushes", n)
	}
	before := flushes.Load()
	if err := s.sync(func() error { alone.Store(-1); return nil }); err != nil || alone.Load() != -1 || flushes.Load() != before {
		t.Errorf("a sync alone did not flush for itself (%v)", err)
	}
}

// A flush that fails is the error of the call that waited for it, and not of later ones.
func TestSyncFails(t *testing.T) {
	broken := errors.New("broken")
	answers := []error{broken, nil}
	s := newShared(func() error {
		err := answers[0]
		answers = answers[1:]
		return err
	})
	if err := s.sync(nil); !errors.Is(err, broken) {
		t.Errorf("the first sync returns %v", err)
	}
	if err := s.sync(nil); err != nil {
		t.Errorf("the second sync returns %v", err)
	}
}
