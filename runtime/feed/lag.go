package feed

import (
	"sync/atomic"
	"time"
)

// Lag is how far the lake is behind, as far as was last looked.
type Lag struct {
	// Waiting is bytes of files, and documents of indices.
	Waiting int64
	Age     time.Duration // of what waits longest
}

// lag is the Lag of a stream. Any goroutine may read it.
type lag struct{ of atomic.Pointer[waiting] }

type waiting struct {
	count int64
	since time.Time
}

func (l *lag) set(count int64, since time.Time) { l.of.Store(&waiting{count, since}) }

func (l *lag) get() Lag {
	if w := l.of.Load(); w != nil && w.count > 0 {
		return Lag{w.count, time.Since(w.since)}
	}
	return Lag{}
}
