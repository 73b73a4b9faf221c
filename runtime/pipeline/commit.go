package pipeline

import (
	"cmp"
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
	if u.names.Failed() != nil { // it is given up
		r.free(j)
		return nil
	}
	if u.store == nil {
		u.store = lake.NewStore(lake.StoreConfig{Limits: r.config.Limits, Tables: r.tables, Options: r.config.Table,
			Out: r.config.Out, JSON: r.config.JSON, Names: u.names})
	}
	if err := u.store.Write(ctx, j.group, j.encoded); err != nil && u.names.Failed() == nil {
		return err
	}
	u.bytes += j.encoded.Bytes
	r.free(j)
	return nil
}

// free gives up the memory of a group.
func (r *run) free(j *job) {
	r.share.Add(memory.Writing, -j.reserved)
	for _, b := range j.group.Free {
		r.pools[j.group.Table].put(b)
	}
}

// finish ends a unit: it abandons it, or gives its objects their names. The latter may
// take a while (a disk's flush, a request for each object), so it runs beside the next
// units.
func (r *run) finish(ctx context.Context, j *job) error {
	u := j.unit
	u.result.Counts, u.result.EventsOf = u.counts, u.made
	again := errors.As(u.names.Failed(), new(*repeated))
	if !again {
		j.err = cmp.Or(j.err, u.names.Failed())
	}
	if j.err != nil {
		u.result.Err = j.err
		return r.abandon(u)
	}
	u.result.Identity = j.identity
	if r.mayRepeat() {
		if of, is := r.contents.repeat(j.identity); is {
			u.repeat = true
			r.result.repeated(source.Repeat{Name: u.result.Name, Of: of})
			return r.abandon(u)
		}
		if again || u.skipped {
			u.result.Err = &repeated{u.result.Name, j.identity}
			return r.abandon(u)
		}
		r.contents.read(j.identity, u.number)
	}
	weight := r.endingWeight(u)
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

// A unit that is being published weighs as many 64 KiB as it has, and at most so much that
// largeAtOnce large ones go at the same time: a bucket's sink may hold their bytes. Of
// small ones, which wait for a disk or a network as long, more do: the more wait for a disk,
// the fewer flushes it needs, but each is a request of its own to a bucket.
const (
	endingWeight   = 1024
	largeAtOnce    = 8
	smallAtOnce    = 512
	requestsAtOnce = 64
)

func (r *run) endingWeight(u *unit) int {
	least := endingWeight / smallAtOnce
	if r.config.EarlyIdentity {
		least = endingWeight / requestsAtOnce
	}
	return min(least+int(u.bytes>>16), endingWeight/largeAtOnce)
}

func (r *run) abandon(u *unit) error {
	err := u.abort()
	r.outcomes.end(u)
	return err
}

// publish ends a unit that was read. One whose events were joined with those of others, and
// are to be replaced, fails alone, and so does one whose names could have been found earlier. So does
// one that was overtaken: the others have written objects too, and must note what they are.
func (r *run) publish(ctx context.Context, u *unit, identity string) error {
	err := r.name(ctx, u, identity)
	alone := err != nil && u.names.MayFind() && ctx.Err() == nil
	if err == nil {
		err = r.commitUnit(ctx, u)
	}
	if alone || errors.Is(err, lake.ErrCompacted) && len(u.result.Objects) == 0 || errors.Is(err, lake.ErrOvertaken) {
		u.result.Err = err
		return r.abandon(u)
	}
	return err
}

// commitUnit commits the kept lines before the events: if it is interrupted, the lake does
// not have an input's last events without its rejects. The manifest comes last. If kept lines
// cannot be written, the events are, as soon as they are noted: the unit fails all the same, and the
// next run, of these mappings or others, makes both good.
func (r *run) commitUnit(ctx context.Context, u *unit) (err error) {
	n, res := u.names.Known(), u.result
	if u.store != nil {
		u.store.Seal(ctx)
	}
	if err := u.intend(ctx, n); err != nil {
		return err
	}
	kept := u.commitKept(ctx, n)
	if kept != nil && n.Entry == nil {
		return kept
	}
	if u.store != nil {
		if res.Objects, err = u.store.Finish(ctx); err != nil {
			return errors.Join(kept, err)
		}
	}
	if kept != nil {
		return kept
	}
	if err := r.record(ctx, u, n.Entry); err != nil {
		return err
	}
	res.Done = true
	r.outcomes.end(u)
	return nil
}

func (u *unit) commitKept(ctx context.Context, n *lake.Named) (err error) {
	if u.result.Rejects, err = u.rejects.finish(ctx, n); err != nil {
		return fmt.Errorf("writing rejects: %w", err)
	}
	if u.result.Unmatched, err = u.unmatched.finish(ctx, n); err != nil {
		return fmt.Errorf("writing unmatched alerts: %w", err)
	}
	return nil
}
