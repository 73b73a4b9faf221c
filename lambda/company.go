package lambda

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// enter notes that work on an object begins, and which objects share the memory and the
// processor with it.
func (inv *invocation) enter(w *work) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	w.entered = time.Now()
	inv.inside[w] = true
	if len(inv.inside) == 1 {
		return
	}
	for other := range inv.inside {
		other.shared = true
	}
}

func (inv *invocation) leave(w *work) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	delete(inv.inside, w)
}

// poison is the error of an object that a function of this size does not finish, however often it
// tries.
type poison struct {
	ref   s3.Ref
	bytes int64 // of the object, as stored
	lines int64 // done in time
	time  time.Duration
}

func (p *poison) Error() string {
	return fmt.Sprintf("the object has %d bytes, and %d lines of it were done in %s, with nothing beside it: no retry helps. Give the function more time or memory, or convert it with `sluice run %s`, or many such objects with S3 Batch Operations and a larger function",
		p.bytes, p.lines, p.time.Round(time.Millisecond), p.ref)
}

// wholeShare is the part of an invocation's time, of ten, that an object must have had
// before it is poison.
const wholeShare = 8

// poisoned reports whether an object that was not done at the deadline never will be: it
// was alone and had nearly all the time, S3 was well, and no server was silent for half of that
// time.
func (inv *invocation) poisoned(w *work, err error) bool {
	if !errors.Is(err, errTime) || !errors.Is(context.Cause(inv.ctx), errTime) || w.shared || s3.Retried(inv.ctx) || inv.silent(w) != "" {
		return false
	}
	deadline, _ := inv.ctx.Deadline()
	return time.Since(w.entered) >= deadline.Sub(inv.began)/10*wholeShare
}

// silent is the server for whose answer the object waited at the deadline, for more than half of
// its time, "" for none.
func (inv *invocation) silent(w *work) string {
	server, waited := s3.Silent(inv.ctx)
	if waited <= time.Since(w.entered)/2 {
		return ""
	}
	return server
}
