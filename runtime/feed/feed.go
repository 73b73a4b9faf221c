package feed

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Config says who writes what a Feed reads, when, and where the Feed notes its progress.
type Config struct {
	Store Store
	// Every is how long alerts may wait for others to be written with.
	Every time.Duration
	// Poll is how often the Feed looks for new alerts; 0 for what suits its origin.
	Poll time.Duration
	// Closing is how long the end may take; five seconds if it is 0.
	Closing time.Duration
	// Write writes a range: wholly, and repeatably, or it returns an error. Then the
	// same range is tried again, later each time.
	Write func(context.Context, *Range) error
	// Report is called with what happens; it may be nil.
	Report func(Event)
	// At is called at the steps of the protocol, by their names: "plan", "write",
	// "move". An error ends the Feed there, as a crash would. Nil for nothing.
	At func(step string) error
}

func (c *Config) defaults(poll time.Duration) {
	if c.Poll <= 0 {
		c.Poll = poll
	}
	if c.Closing <= 0 {
		c.Closing = 5 * time.Second
	}
	if c.Report == nil {
		c.Report = func(Event) {}
	}
	if c.At == nil {
		c.At = func(string) error { return nil }
	}
}

// Event is something that happened to a followed file or a pulled index.
type Event struct {
	Name string // of the file, or of the shard or index
	// Kind says what: "written", "failed", "recovered"; of files "missing", "rotated", "truncated", "lost"; of
	// indices "gone", "other", "rewound", "adopted", "window".
	Kind    string
	Message string // a sentence, with what to do where something is to be done
	Range   *Range // of written and failed
	Err     error  // of failed
}

// Feed reads from one origin. Run it once, in one goroutine.
type Feed struct {
	config  *Config
	state   *State
	origin  origin
	origins lane // of failures of the origin itself
	unsaved bool // the store does not have the state as it is
	due     bool // what is there is to be written as soon as the origin can be read
	ending  bool // this is the last round: nothing waits for another try any more
}

// origin knows the streams that a Feed reads.
type origin interface {
	// streams returns them as they are now. The Feed has its own for each.
	streams(ctx context.Context) ([]stream, error)
	// changed reports, once, that the state does not have what streams found out.
	changed() bool
	close()
}

// stream is a sequence of ranges that are read one after another: a file, or a shard.
type stream interface {
	base() *lane
	// makeDue lets everything that is there be written in this round.
	makeDue()
	// next returns the range to write next, nil if there is none yet. While a range is
	// planned it is that one.
	next(ctx context.Context) (*Range, error)
	// intent is the planned range in the state.
	intent() *Intent
	// move notes that the range is written.
	move(r *Range)
}

// lane is what all streams have.
type lane struct {
	name   string
	config *Config
	moved  bool // the state does not have the cursor yet
	// After a failure the next try is at retry, and the one after that wait later.
	retry time.Time
	wait  time.Duration
	// Nothing that is not written was there at older, and nothing that was not
	// planned at newer.
	older, newer time.Time
	lag          lag
}

func (l *lane) base() *lane { return l }

func (l *lane) report(kind, format string, args ...any) {
	l.config.Report(Event{Name: l.name, Kind: kind, Message: fmt.Sprintf(format, args...)})
}

// failed reports a failure, and lets the next try wait: longer each time.
func (l *lane) failed(e *Event) {
	l.wait = min(max(2*l.wait, time.Second), time.Minute)
	l.retry = time.Now().Add(l.wait)
	e.Name, e.Kind = l.name, "failed"
	l.config.Report(*e)
}

// recovered reports the end of failures after which there is nothing to write.
func (l *lane) recovered() {
	if l.wait > 0 {
		l.wait = 0
		l.report("recovered", "it can be read again")
	}
}

// Run reads until the context ends. Then it writes what has arrived, for as long as
// Config.Closing, and ends without an error. What is not written by then is written at the
// next start. It returns an error if another process has taken over the state.
func (f *Feed) Run(ctx context.Context) error {
	defer f.origin.close()
	writing, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(f.config.Closing, cancel) })()
	due := time.NewTicker(f.config.Every)
	defer due.Stop()
	poll := time.NewTicker(f.config.Poll)
	defer poll.Stop()
	if err := f.round(writing, false); err != nil {
		return err
	}
	for ctx.Err() == nil {
		now := false
		select {
		case <-ctx.Done():
		case <-due.C:
			now = true
		case <-poll.C:
		}
		if err := f.round(writing, now); err != nil {
			return err
		}
	}
	f.ending = true
	return f.round(writing, true)
}

// mayTry reports whether the next try after a failure has come. That a round is due makes it
// no earlier: what is away for long is asked once a minute.
func (f *Feed) mayTry(l *lane) bool { return f.ending || time.Now().After(l.retry) }

// round writes what is due of every stream.
func (f *Feed) round(ctx context.Context, due bool) error {
	f.due = f.due || due
	if !f.mayTry(&f.origins) {
		return nil
	}
	streams, err := f.origin.streams(ctx)
	if err != nil {
		if ctx.Err() == nil {
			f.origins.failed(&Event{Message: err.Error(), Err: err})
		}
		return nil
	}
	f.unsaved = f.origin.changed() || f.unsaved
	if kept, err := f.keep(ctx, &f.origins); !kept || err != nil {
		return err
	}
	f.origins.recovered()
	if f.due {
		f.due = false
		for _, s := range streams {
			s.makeDue()
		}
	}
	return f.all(ctx, streams)
}

// tooMany failures one after another end a round: the others would fail as well, each after
// some time. In the next round those that failed wait, and the others have their turn.
const tooMany = 3

func (f *Feed) all(ctx context.Context, streams []stream) error {
	failures := 0
	for _, s := range streams {
		for ctx.Err() == nil && f.mayTry(s.base()) {
			more, err := f.step(ctx, s)
			if err != nil {
				return err
			}
			if s.base().wait == 0 {
				failures = 0
			} else if failures++; failures == tooMany {
				return nil
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// step writes the next range of a stream. It returns an error if the state cannot be kept
// any more.
func (f *Feed) step(ctx context.Context, s stream) (more bool, err error) {
	l := s.base()
	r, err := s.next(ctx)
	if err != nil {
		if ctx.Err() == nil {
			l.failed(&Event{Message: "it cannot be read: " + err.Error(), Err: err})
		}
		return false, nil
	}
	f.unsaved, l.moved = f.unsaved || l.moved, false
	if kept, err := f.keep(ctx, l); !kept || err != nil {
		return false, err
	}
	if r == nil {
		l.recovered()
		return false, nil
	}
	return f.write(ctx, s, r)
}

// write takes a range through the protocol. It returns an error if the state cannot be
// kept any more. A range that could not be written is tried again in a later round.
func (f *Feed) write(ctx context.Context, s stream, r *Range) (written bool, err error) {
	l, intent := s.base(), s.intent()
	if intent.Planned == nil {
		l.newer = time.Now()
		r.Planned = l.newer.UTC().Truncate(time.Second)
		intent.Planned, f.unsaved = &Planned{To: r.To, Identity: r.Identity, At: r.Planned}, true
		if kept, err := f.keep(ctx, l); !kept || err != nil {
			intent.Planned = nil // nothing is written that the store does not know of
			return false, err
		}
		if err := f.config.At("plan"); err != nil {
			return false, err
		}
	} else {
		r.Again, r.Planned = true, intent.Planned.At
		if r.Planned.IsZero() { // a state of before it was noted
			r.Planned = time.Now().UTC()
		}
	}
	if err := f.config.Write(ctx, r); err != nil {
		l.failed(&Event{Range: r, Err: err, Message: fmt.Sprintf("%d to %d are not written, and will be tried again: %v", r.From, r.To, err)})
		return false, nil
	}
	if err := f.config.At("write"); err != nil {
		return false, err
	}
	s.move(r)
	intent.Planned, l.wait, l.older, f.unsaved = nil, 0, l.newer, true
	f.config.Report(Event{Name: l.name, Kind: "written", Range: r})
	if kept, err := f.keep(ctx, l); !kept || err != nil { // the next start writes it again
		return false, err
	}
	return true, f.config.At("move")
}

// keep saves the state if the store does not have it as it is. While that fails nothing is
// written. It is an error if it can never succeed any more.
func (f *Feed) keep(ctx context.Context, l *lane) (kept bool, err error) {
	if !f.unsaved {
		return true, nil
	}
	// What is written must be known at the next start: so this outlives the context.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err = f.state.save(ctx, f.config.Store); err == nil {
		f.unsaved = false
		return true, nil
	}
	var lost interface{ Lost() }
	if errors.As(err, &lost) {
		return false, err
	}
	l.failed(&Event{Err: err, Message: fmt.Sprintf("nothing is written until the state can be kept: %v", err)})
	return false, nil
}
