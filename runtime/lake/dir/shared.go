package dir

import (
	"runtime"
	"sync"
)

// shared lets calls at the same time share the disk's work: each waits for a flush that began
// after the call did.
type shared struct {
	flush func() error // of what all calls have written so far

	mu      sync.Mutex
	changed *sync.Cond
	calls   int // so far
	durable int // of these, those whose flush is over
	busy    bool
}

func newShared(flush func() error) *shared {
	s := &shared{flush: flush}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// sync makes durable what was written before the call. Own, if not nil, does that for this
// call alone, and is called in place of flush where no other waits.
func (s *shared) sync(own func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	for mine := s.calls; s.durable < mine; {
		if s.busy {
			s.changed.Wait()
		} else if err := s.lead(own); err != nil {
			return err
		}
	}
	return nil
}

// lead flushes for all calls so far. The caller holds the mutex.
func (s *shared) lead(own func() error) error {
	s.busy = true
	s.mu.Unlock()
	runtime.Gosched() // whoever is about to call comes along: a flush takes longer than that
	s.mu.Lock()
	flush, covered := s.flush, s.calls
	if own != nil && covered == s.durable+1 {
		flush = own
	}
	s.mu.Unlock()
	err := flush()
	s.mu.Lock()
	s.busy = false
	s.changed.Broadcast()
	if err == nil {
		s.durable = covered
	}
	return err
}
