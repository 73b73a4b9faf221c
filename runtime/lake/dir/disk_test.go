package dir

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Law: all work is done, by no more than may work at the same time, and each learns its own error.
func TestFewMakeFilesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := &disk{atWork: make(chan struct{}, 3)}
		bad := errors.New("no space")
		var all sync.WaitGroup
		var now, done, failed atomic.Int32
		for i := range 100 {
			all.Go(func() {
				err := k.work(func() error {
					if n := now.Add(1); n > 3 {
						t.Errorf("%d work at the same time", n)
					}
					time.Sleep(time.Millisecond)
					now.Add(-1)
					done.Add(1)
					if i%10 == 0 {
						return bad
					}
					return nil
				})
				if (err == bad) != (i%10 == 0) {
					t.Errorf("work %d has the error %v", i, err)
				}
				if err != nil {
					failed.Add(1)
				}
			})
		}
		all.Wait()
		if done.Load() != 100 || failed.Load() != 10 {
			t.Errorf("%d of 100 are done, and %d have failed", done.Load(), failed.Load())
		}
	})
}

// Where there is no disk nobody waits for others.
func TestWorkWithoutDisk(t *testing.T) {
	var k *disk
	met := make(chan struct{})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			_ = k.work(func() error { // each waits for the other
				select {
				case met <- struct{}{}:
				case <-met:
				}
				return nil
			})
		})
	}
	all.Wait()
}
