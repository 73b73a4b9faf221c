package dir

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Law: when sync returns, a flush is over that began after the call did: one of all, or the
// caller's own.
func TestSyncWaitsForAFlushThatBeganAfterIt(t *testing.T) {
	var clock, begun, flushes, alone atomic.Int64 // begun is of the flush that is over
	s := newShared(func(int) error {
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
	s := newShared(func(int) error {
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

// Of many calls, whoever makes them how, few need a flush of their own; calls of which no more come
// than wait do not wait for others, and those of a small run for nobody.
func TestManyCallsShareFlushes(t *testing.T) {
	for name, test := range map[string]struct {
		goroutines, calls int
		every             time.Duration // between two calls of a goroutine
		flushes           int           // at most
		lasts             time.Duration // at most, with flushes of 1 ms
	}{
		"a small run":            {1, unhurried, 0, unhurried, unhurried * time.Millisecond},
		"one after another":      {1, 1600, 0, 1600, 1600*time.Millisecond + 100*patience},
		"eight at a time":        {8, 200, 0, 400, time.Second},
		"many, now and then":     {200, 10, 300 * time.Millisecond, 400, 11 * (300*time.Millisecond + 2*patience)},
		"few, and seldom":        {2, 100, time.Second, 200, 100*time.Second + 200*patience},
		"more than come at once": {100, 20, 10 * time.Millisecond, 300, time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			flushes, began := 0, time.Now()
			s := counted(&flushes)
			var all sync.WaitGroup
			for i := range test.goroutines {
				all.Go(func() {
					time.Sleep(test.every * time.Duration(i) / time.Duration(test.goroutines))
					for range test.calls {
						if err := s.sync(nil); err != nil {
							t.Error(err)
						}
						time.Sleep(test.every)
					}
				})
			}
			all.Wait()
			if took := time.Since(began); flushes > test.flushes || took > test.lasts {
				t.Errorf("%s: %d flushes in %v, at most %d in %v should be", name, flushes, took, test.flushes, test.lasts)
			}
		})
	}
}

// The last calls of many wait for each other, and not as long as it may take until nobody comes.
func TestTheLastCallsWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flushes, began := 0, time.Now()
		s := counted(&flushes)
		const goroutines, calls, begin = 500, 4, 2 * time.Millisecond
		var all sync.WaitGroup
		for i := range goroutines {
			all.Go(func() {
				time.Sleep(begin * time.Duration(i))
				for range calls {
					if err := s.sync(nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if most := goroutines*begin + calls*(lull+2*time.Millisecond); time.Since(began) > most {
			t.Errorf("the last calls end after %v, later than %v", time.Since(began), most)
		}
		if most := goroutines * calls / 4; flushes > most {
			t.Errorf("%d flushes, more than %d", flushes, most)
		}
	})
}

// counted shares flushes of a millisecond, which it counts.
func counted(flushes *int) *shared {
	return newShared(func(int) error {
		*flushes++
		time.Sleep(time.Millisecond)
		return nil
	})
}
