package dir

import (
	"runtime"
	"sync"
	"time"
)

// shared lets calls at the same time share the disk's work: each waits for a flush that began
// after the call did.
type shared struct {
	flush func(calls int) error // of what all calls have written so far, of which that many wait

	mu      sync.Mutex
	changed *sync.Cond
	calls   int // so far
	durable int // of these, those whose flush is over
	busy    bool

	called  chan struct{} // has something after a call
	flushes int           // so far
	worth   int           // the calls that a flush waits for
}

const (
	// unhurried is how many flushes begin without waiting for others: a small run ends at once.
	unhurried = 32
	// patience is the longest that a flush waits for others.
	patience = 20 * time.Millisecond
	// lull is after how long without a call nobody else is likely to come, as at the end of a run.
	lull = 5 * time.Millisecond
	// learnEvery is after how many flushes one waits as long as it may, to learn how many come.
	learnEvery = 16
)

func newShared(flush func(calls int) error) *shared {
	s := &shared{flush: flush, called: make(chan struct{}, 1)}
	s.changed = sync.NewCond(&s.mu)
	return s
}

// sync makes durable what was written before the call. Own, if not nil, does that for this
// call alone, and is called in place of flush where no other waits.
func (s *shared) sync(own func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	select {
	case s.called <- struct{}{}:
	default:
	}
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
	s.gather()
	covered := s.calls
	calls := covered - s.durable
	s.mu.Unlock()
	var err error
	if own != nil && calls == 1 {
		err = own()
	} else {
		err = s.flush(calls)
	}
	s.mu.Lock()
	s.busy = false
	s.changed.Broadcast()
	if err == nil {
		s.durable = covered
	}
	return err
}

// gather lets others come along: of many small files each would else be flushed for itself, which
// keeps the disk and a processor busy. It waits for as many as came when it last waited as long as
// it may, and no longer than others come, so that nobody waits for calls that do not. The caller holds the mutex.
func (s *shared) gather() {
	if s.flushes++; s.flushes <= unhurried {
		s.mu.Unlock()
		runtime.Gosched() // whoever is about to call comes along: a flush takes longer than that
		s.mu.Lock()
		return
	}
	learns := s.flushes%learnEvery == 0
	late, quiet := time.NewTimer(patience), time.NewTimer(lull)
	defer late.Stop()
	defer quiet.Stop()
	for learns || s.calls-s.durable < s.worth {
		before := s.calls
		s.mu.Unlock()
		select {
		case <-s.called:
			s.mu.Lock()
			quiet.Reset(lull)
		case <-late.C:
			s.mu.Lock()
			s.worth = s.calls - s.durable
			return
		case <-quiet.C:
			runtime.Gosched() // where processors were busy, whoever was about to call comes now
			s.mu.Lock()
			if s.calls == before {
				return
			}
		}
	}
}
