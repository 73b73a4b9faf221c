package s3

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// lease is the object beside the state.
type lease struct {
	Holder   string `json:"holder"`
	Beat     int    `json:"beat"`
	Silent   int64  `json:"silent_ms"`
	Released bool   `json:"released,omitempty"`
}

func (s *State) leaseRef() Ref { return Ref{Bucket: s.ref.Bucket, Key: s.ref.Key + ".lease"} }

// take takes the lease.
func (s *State) take(ctx context.Context) error {
	seen, tag, err := s.readLease(ctx)
	if err != nil {
		return err
	}
	if tag != "" && !seen.Released {
		wait := time.NewTimer(time.Duration(seen.Silent) * time.Millisecond)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		now, newer, err := s.readLease(ctx)
		if err != nil {
			return err
		}
		if newer != tag && !now.Released {
			return &HeldError{s.ref.String(), now.Holder}
		}
		tag = newer
	}
	err = s.writeLease(ctx, tag, false)
	var other *LostError
	if errors.As(err, &other) { // it was faster
		err = &HeldError{other.Where, other.Holder}
	}
	return err
}

func (s *State) readLease(ctx context.Context) (l lease, tag string, err error) {
	text, tag, err := s.client.tagged(ctx, s.leaseRef())
	if err != nil || tag == "" {
		return l, tag, err
	}
	if err := json.Unmarshal(text, &l); err != nil {
		return l, "", fmt.Errorf("%s is damaged (%w): delete it, if no process uses the state", s.leaseRef(), err)
	}
	return l, tag, nil
}

func (s *State) writeLease(ctx context.Context, tag string, released bool) error {
	s.beat++
	text, _ := json.Marshal(lease{s.holder, s.beat, s.silent.Milliseconds(), released}) // texts and numbers can always be marshalled
	now, err := s.replace(ctx, s.leaseRef(), text, tag)
	if err == nil {
		s.lease = now
	}
	return err
}

// renew writes the lease again and again. An error is no harm: if it lasts, Save finds out.
func (s *State) renew() {
	defer close(s.done)
	tick := time.NewTicker(s.silent / 4)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.silent)
		err := s.writeLease(ctx, s.lease, false)
		cancel()
		var lost *LostError
		if errors.As(err, &lost) {
			s.mu.Lock()
			s.lost = lost
			s.mu.Unlock()
			return
		}
	}
}
