package memory

import (
	"context"
	"fmt"
	"slices"
)

// Stage is where bytes of a run are on their way from the input to the lake.
type Stage uint8

// The stages, in order. Bytes of a later stage come back without more input, and
// without bytes for an earlier stage.
const (
	// Reading is what a reader holds, and all that stays until there is more input, or
	// its end: rows held for sorting, objects that wait for their names.
	Reading Stage = iota
	// Mapping is lines on their way through a worker, and what it made of them.
	Mapping
	// Writing is rows that are being encoded and written.
	Writing

	stages = iota
)

// Share is what one run holds of an Account.
type Share struct {
	account *Account
	most    int64
	weight  int64
	drop    func() // gives up what is idle

	held  [stages]int64
	idle  int64 // kept for reuse
	waits bool  // it did not get what it asked for last
}

// TooLarge is the error of a run that needs more bytes than its Account has.
type TooLarge struct{ Needed, Total int64 }

func (e *TooLarge) Error() string {
	return fmt.Sprintf("this needs more memory than there is: %d MB are for alerts, and with the next part of this input they would be %d MB", e.Total>>20, e.Needed>>20)
}

func (s *Share) used() int64 { return s.held[Reading] + s.held[Mapping] + s.held[Writing] }

// needs is what the run may still ask for.
func (s *Share) needs() int64 { return max(0, s.most-s.used()) }

// Take waits until the run gets n bytes of a stage. The error is that of the context, or
// a *TooLarge.
func (s *Share) Take(ctx context.Context, stage Stage, n int64) error {
	for {
		changed, err := s.Ask(stage, n)
		if changed == nil || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Ask takes n bytes if the run gets them now; then the channel is nil. Otherwise it is
// closed when asking again may succeed.
func (s *Share) Ask(stage Stage, n int64) (changed <-chan struct{}, err error) {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	granted, err := s.grants(stage, n)
	switch {
	case err != nil:
		return nil, err
	case !granted:
		s.waits, a.asked = true, true
		return a.changed, nil
	}
	s.take(stage, n)
	if s.waits {
		s.waits = false
		a.wake()
	}
	return nil, nil
}

// grants reports whether the run gets n bytes now.
func (s *Share) grants(stage Stage, n int64) (bool, error) {
	used, later := s.used(), int64(0)
	for _, held := range s.held[stage+1:] {
		later += held
	}
	if later > 0 && used+n > s.most {
		return false, nil
	}
	if !s.account.grants(s, n) {
		return false, nil
	}
	if s.account.hard && later == 0 && used+n > s.account.total {
		return false, &TooLarge{Needed: used + n, Total: s.account.total}
	}
	return true, nil
}

// Try takes n bytes if that is possible at once, and reports whether it did. What can
// be done without them must not wait.
func (s *Share) Try(stage Stage, n int64) bool {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.used()+n > s.most || a.used()+n > a.total || !a.grants(s, n) {
		return false
	}
	s.take(stage, n)
	return true
}

// Spare takes n bytes of the stage Reading on top of what the run may claim, if neither it
// nor another one needs them, and reports whether it did. Return gives them back. Of a
// hard Account a third is left for runs to come.
func (s *Share) Spare(n int64) bool {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	total := a.total
	if a.hard {
		total -= a.total / 3
	}
	if a.used()+n+s.needs() > total || a.othersWait(s) || !a.safeWith(s, n) {
		return false
	}
	s.most += n
	s.take(Reading, n)
	return true
}

// Return gives back what Spare took.
func (s *Share) Return(n int64) {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	s.most -= n
	s.held[Reading] -= n
	a.wake()
}

// take takes n bytes, and gives up what is idle where both do not fit.
func (s *Share) take(stage Stage, n int64) {
	s.held[stage] += n
	s.account.peak = max(s.account.peak, s.account.used())
	if s.idle > 0 && s.used()+s.idle > s.most {
		s.idle = 0
		go s.drop()
	}
}

// Add counts n bytes that are there already, or, if n is negative, that are given back.
func (s *Share) Add(stage Stage, n int64) { s.Move(stage, n, stage, 0) }

// Move counts n bytes of one stage and m bytes of another at the same time. Either may be
// negative.
func (s *Share) Move(from Stage, n int64, to Stage, m int64) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.held[from] += n
	s.held[to] += m
	s.account.peak = max(s.account.peak, s.account.used())
	if n < 0 || m < 0 {
		s.account.wake()
	}
}

// Keep reports whether n bytes that are no longer used may be kept for reuse. They count
// as long as nothing else needs the space; then Drop is called.
func (s *Share) Keep(n int64) bool {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.drop == nil || s.used()+s.idle+n > s.most || a.used()+n > a.total {
		return false
	}
	s.idle += n
	return true
}

// Reuse says that n of the bytes that were kept are used again.
func (s *Share) Reuse(n int64) {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.idle = max(0, s.idle-n)
}

// Drop sets what gives up everything that was kept. It is called in a goroutine of its
// own.
func (s *Share) Drop(drop func()) { s.drop = drop }

// Close gives everything back.
func (s *Share) Close() {
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	s.held, s.idle, s.waits = [stages]int64{}, 0, false
	if i := slices.Index(a.shares, s); i >= 0 {
		a.shares = slices.Delete(a.shares, i, i+1)
	}
	a.wake()
}
