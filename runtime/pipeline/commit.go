package pipeline

import (
	"context"
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// commit writes the encoded groups in the order of the input and ends the units.
func (r *run) commit(ctx context.Context) {
	for j := range r.jobs {
		select {
		case <-j.done:
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
		var err error
		switch {
		case j.end:
			err = r.finish(ctx, j)
		case j.err != nil:
			err = j.err
		default:
			err = r.write(ctx, j)
		}
		if err != nil {
			r.stop(err)
			return
		}
	}
}

func (r *run) write(ctx context.Context, j *job) error {
	u := j.unit
	if u.store == nil {
		u.store = lake.NewStore(lake.StoreConfig{Limits: r.config.Limits, Tables: r.tables, Options: r.config.Table,
			Out: r.config.Out, JSON: r.config.JSON, Namer: u.namer, Entry: u.entry})
	}
	if err := u.store.Write(ctx, j.group, j.encoded); err != nil {
		return err
	}
	u.bytes += j.encoded.Bytes
	r.share.Add(memory.Writing, -j.reserved)
	for _, b := range j.group.Free {
		r.pools[j.group.Table].put(b)
	}
	return nil
}

// finish ends a unit: it abandons it, or gives its objects their names. The latter may
// take a while (a disk's flush, a request for each object), so it runs beside the next
// units.
func (r *run) finish(ctx context.Context, j *job) error {
	u := j.unit
	u.result.Counts, u.result.EventsOf = u.counts, u.made
	if j.err != nil {
		u.result.Err = j.err
		return r.abandon(u)
	}
	u.result.Identity = j.identity
	if r.mayRepeat() {
		if of, again := r.contents.repeat(j.identity); again {
			u.repeat = true
			r.result.repeated(source.Repeat{Name: u.result.Name, Of: of})
			return r.abandon(u)
		}
		if u.skipped {
			u.result.Err = fmt.Errorf("%s has the same content as an input that failed, and was not read: run it again", u.result.Name)
			return r.abandon(u)
		}
		r.contents.read(j.identity, u.number)
	}
	weight := int(min(1+u.bytes>>20, endingWeight/largeAtOnce))
	for range weight {
		select {
		case r.ending <- struct{}{}:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	r.endings.Go(func() {
		if err := r.publish(ctx, u, j.identity); err != nil {
			r.stop(err)
		}
		for range weight {
			<-r.ending
		}
	})
	return nil
}

// A unit that is being published weighs as many MiB as it has, and at most so much that
// largeAtOnce large ones go at the same time: a bucket's sink may hold their bytes. Of
// small ones, which wait for a disk or a network as long, more do.
const (
	endingWeight = 64
	largeAtOnce  = 8
)

func (r *run) abandon(u *unit) error {
	err := u.abort()
	r.outcomes.end(u)
	return err
}

// publish ends a unit that was read. One whose events were joined with those of others, and
// are to be replaced, fails alone.
func (r *run) publish(ctx context.Context, u *unit, identity string) error {
	err := r.commitUnit(ctx, u, identity)
	if errors.Is(err, lake.ErrCompacted) && len(u.result.Objects) == 0 {
		u.result.Err = err
		return r.abandon(u)
	}
	return err
}

// commitUnit commits the kept lines before the events: if it is interrupted, the lake does
// not have an input's last events without its rejects. The manifest comes last. If kept lines
// cannot be written, the events are, as soon as they are noted: the unit fails all the same, and the
// next run, of these mappings or others, makes both good.
func (r *run) commitUnit(ctx context.Context, u *unit, identity string) (err error) {
	if u.namer == nil {
		if err := r.enter(ctx, u, identity); err != nil {
			return err
		}
	}
	n, res := r.namerOf(u, identity), u.result
	if err := u.intend(ctx, n); err != nil {
		return err
	}
	kept := u.commitKept(ctx, n)
	if kept != nil && u.entry == nil {
		return kept
	}
	if u.store != nil {
		if res.Objects, err = u.store.Finish(ctx, n, u.entry); err != nil {
			return errors.Join(kept, err)
		}
	}
	if kept != nil {
		return kept
	}
	if err := r.record(ctx, u); err != nil {
		return err
	}
	res.Done = true
	r.outcomes.end(u)
	return nil
}

func (u *unit) commitKept(ctx context.Context, n lake.Namer) (err error) {
	if u.result.Rejects, err = u.rejects.finish(ctx, n, u.entry); err != nil {
		return fmt.Errorf("writing rejects: %w", err)
	}
	if u.result.Unmatched, err = u.unmatched.finish(ctx, n, u.entry); err != nil {
		return fmt.Errorf("writing unmatched alerts: %w", err)
	}
	return nil
}
