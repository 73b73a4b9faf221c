package lambda

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

const (
	// lookTime bounds the requests of a look beside the work.
	lookTime = 2 * time.Second
	// coldTime bounds those of a function that has no set yet.
	coldTime = 10 * time.Second
)

// look is a look at the bucket beside the work.
type look struct {
	done chan struct{}
	set  *set  // to adopt, nil for none
	err  error // a *passes unless the set is at fault
}

// current gives the set to apply, and begins a look beside the work when it is time for
// that. Without a set it finds one first; then the fault is that of the set in the bucket,
// nil if that is good. Place is where the last good set is kept.
func (m *mappings) current(ctx context.Context, now time.Time, place s3.Ref) (s *set, fault, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.good == nil && m.inBucket():
		m.looked = now
		fault, err = m.cold(ctx, place)
	case m.inBucket() && m.look == nil && now.Sub(m.looked) >= m.config.Reload:
		m.looked, m.look = now, &look{done: make(chan struct{})}
		go m.beside(m.look, m.good, place)
	}
	return m.good, fault, err
}

// beside looks for a newer set than the one in use.
func (m *mappings) beside(l *look, inUse *set, place s3.Ref) {
	defer close(l.done)
	if l.set, l.err = m.bucket.next(context.Background(), lookTime, m.compile); l.set == nil {
		return
	}
	if err := glue.Contradicts(m.tables(inUse), m.tables(l.set)); err != nil {
		m.bucket.fault = err
		l.err, l.set = errors.Join(err, closed(l.set)), nil
		return
	}
	m.keep(l.set, place)
}

// lookContext bounds requests of a look, and their retries.
func lookContext(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, most)
	return s3.RetryUntil(ctx, time.Now().Add(most)), cancel
}

// settle ends an invocation: it waits for a look beside the work, and adopts its set for
// the invocations that follow. The fault is that of the set in the bucket.
func (m *mappings) settle(ctx context.Context) (fault error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.look
	if l == nil {
		return nil
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return nil // a later invocation adopts it
	}
	m.look = nil
	if l.set != nil {
		l.err = errors.Join(l.err, m.adopt(l.set))
	}
	return m.faultOf(l.err)
}

// faultOf gives an error that is the fault of the set. Of one that may pass it warns, once
// while it lasts.
func (m *mappings) faultOf(err error) error {
	passing := errors.As(err, new(*passes))
	if passing && !m.warned {
		m.log.Warn("the mapping in the bucket could not be looked at; the function tries again, and nothing changes until then", "error", err.Error())
	}
	m.warned = passing
	if passing {
		return nil
	}
	return err
}

// cold finds the first set: that in the bucket, else the last good one, else the one of
// the package, if a variable allows that.
func (m *mappings) cold(ctx context.Context, place s3.Ref) (fault, err error) {
	if m.bucket.client == nil {
		if m.bucket, err = newBucketSet(m.client, m.config.Mappings[0]); err != nil {
			return nil, fmt.Errorf("SLUICE_MAPPING: %w", err)
		}
	}
	ctx = context.WithoutCancel(ctx)
	last := make(chan *lastGood, 1)
	go func() {
		ctx, cancel := lookContext(ctx, coldTime)
		defer cancel()
		last <- m.lastGood(ctx, place)
	}()
	s, lookErr := m.bucket.next(ctx, coldTime, m.compile)
	kept := <-last
	if s != nil && kept != nil {
		if lookErr = glue.Contradicts(kept.Tables, m.tables(s)); lookErr != nil {
			m.bucket.fault = lookErr
			s, lookErr = nil, errors.Join(lookErr, closed(s))
		}
	}
	if s != nil {
		if kept == nil || !kept.is(s) {
			m.keep(s, place)
		}
		return nil, m.adopt(s)
	}
	fault = m.faultOf(lookErr)
	instead, s := m.instead(kept)
	if s == nil {
		return fault, &noMapping{lookErr}
	}
	m.log.Error("the function starts with another mapping than that in the bucket", "in_use", instead, "error", lookErr.Error())
	return fault, m.adopt(s)
}

// instead gives a set to start with when that in the bucket cannot be applied.
func (m *mappings) instead(kept *lastGood) (what string, s *set) {
	if kept != nil {
		s, err := kept.compile(m)
		if err == nil {
			return "the last good one", s
		}
		m.log.Error("the last good mapping cannot be applied", "error", err.Error())
	}
	if m.config.MappingFallback == "" {
		return "", nil
	}
	s, err := m.fromPackage([]string{m.config.MappingFallback})
	if err != nil {
		m.log.Error("the mapping of SLUICE_MAPPING_FALLBACK cannot be applied", "error", err.Error())
		return "", nil
	}
	s.standsIn = true
	return m.config.MappingFallback, s
}

// noMapping is the error of an object for which there is no mapping yet. It waits: the
// next look may find one.
type noMapping struct{ error }

func (n *noMapping) Error() string { return "there is no mapping to apply: " + n.error.Error() }
func (n *noMapping) Unwrap() error { return n.error }
