package pipeline

import (
	"context"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
)

// append is the appender's goroutine: it takes the mapped chunks in the order of the
// input, decides which rows become a row group, and writes the lines that are kept or
// streamed.
func (r *run) append(ctx context.Context) {
	defer close(r.jobs)
	defer close(r.toEncode)
	for it := range r.items {
		var err error
		if it.end {
			err = r.endUnit(ctx, it)
		} else {
			err = r.appendItem(ctx, it)
		}
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.stop(err)
			return
		}
		for range it.places {
			<-r.places
		}
	}
}

// appendItem takes what a worker makes of an item, as it comes.
func (r *run) appendItem(ctx context.Context, it *item) error {
	for {
		select {
		case m := <-it.parts:
			if err := r.appendMapped(ctx, it.unit, m); err != nil {
				return err
			}
		case <-it.done:
			return r.appendMapped(ctx, it.unit, &it.out)
		case <-ctx.Done():
			return nil
		}
	}
}

func (r *run) appendMapped(ctx context.Context, u *unit, m *mapped) error {
	u.counts.Add(m.counts)
	addCounts(u.made, m.made)
	u.refused.add(m.refused)
	r.examples.add(m.examples)
	r.progress.count(m.counts)
	if err := keep(ctx, u, m); err != nil && u.names.Failed() == nil {
		return err // else the unit is given up
	}
	if r.config.Events != nil {
		defer r.share.Add(memory.Mapping, -m.reserved)
		return r.stream(ctx, m.events)
	}
	before := u.appender.Reserved()
	var groups []*lake.Group
	for t, runs := range m.runs {
		full, unused := u.appender.Add(t, runs)
		if groups = append(groups, full...); unused != nil {
			defer r.pools[t].put(unused)
		}
	}
	r.share.Move(memory.Mapping, -m.reserved, memory.Reading, u.appender.Reserved()-before)
	return r.submit(ctx, u, groups)
}

// stream writes events to the stream. If the run ends while a write blocks (on a pipe
// that nobody reads), the write is abandoned with its bytes.
func (r *run) stream(ctx context.Context, events []byte) error {
	if len(events) == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.config.Events.Write(events)
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("writing events: %w", err)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func keep(ctx context.Context, u *unit, m *mapped) error {
	if err := u.keepRejects(ctx, u.folds.take(&m.rejects)); err != nil {
		return err
	}
	if len(m.unmatched) > 0 {
		if err := u.unmatched.write(ctx, u.names, m.unmatched); err != nil {
			return fmt.Errorf("writing unmatched alerts: %w", err)
		}
	}
	return nil
}

func (u *unit) keepRejects(ctx context.Context, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	if err := u.rejects.write(ctx, u.names, lines); err != nil {
		return fmt.Errorf("writing rejects: %w", err)
	}
	return nil
}

// endUnit releases the held rows of a unit that was read completely. The counts must
// agree now: a line that is not accounted for is a bug and must not look like success.
func (r *run) endUnit(ctx context.Context, it *item) error {
	u := it.unit
	u.counts.Lines += u.result.Lines // to those that workers split off
	if it.err == nil {
		if !u.counts.agree() {
			return fmt.Errorf("%s: %d lines were read, but the counts are %+v: this is a bug in sluice, please report it", u.result.Name, u.counts.Lines, u.counts)
		}
	}
	if err := u.keepRejects(ctx, u.folds.rest()); err != nil && u.names.Failed() == nil {
		return err
	}
	if u.appender != nil {
		held := u.appender.Reserved()
		groups := u.appender.Finish()
		r.share.Add(memory.Reading, -held)
		u.appender = nil
		if it.err == nil {
			if err := r.submit(ctx, u, groups); err != nil {
				return err
			}
		}
	}
	end := &job{unit: u, end: true, identity: it.identity, err: it.err, done: make(chan struct{})}
	close(end.done)
	return r.push(ctx, end)
}

func (r *run) submit(ctx context.Context, u *unit, groups []*lake.Group) error {
	for _, g := range groups {
		j := &job{unit: u, group: g, reserved: g.Reserved, done: make(chan struct{})}
		r.share.Add(memory.Writing, j.reserved)
		if err := r.push(ctx, j); err != nil {
			return err
		}
		r.toEncode <- j // has as much space as jobs
	}
	return nil
}

// maxJobs is the most jobs in progress, however light.
const maxJobs = 64

func (r *run) push(ctx context.Context, j *job) error {
	select {
	case r.jobs <- j:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
