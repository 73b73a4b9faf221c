package compact

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// Undo puts rows that were joined back into objects of their own: one or more for each
// object that was joined. It undoes the plans that have joined the objects of these keys,
// or without keys all plans of the partitions that the prefix selects.
func Undo(ctx context.Context, c Config, keys []string) error {
	r := newRun(c)
	folders, err := r.undoFolders(ctx, keys)
	if err != nil {
		return err
	}
	var errs []error
	for _, folder := range folders {
		p := &Partition{Folder: folder, Left: []Left{}}
		if err := r.undoPartition(ctx, p, keys); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", folder, err))
		}
		if p.Before.Objects+int64(p.Unfinished) > 0 {
			r.Done(p)
		}
	}
	return errors.Join(errs...)
}

// undoFolders returns the partitions of the keys, or those that the prefix selects.
func (r *run) undoFolders(ctx context.Context, keys []string) (folders []string, err error) {
	add := func(key string) {
		folder, _, ok := lake.SplitKey(key)
		if ok && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	for _, key := range keys {
		add(key)
	}
	if keys == nil {
		err = r.Lake.List(ctx, r.Prefix, func(o lake.Stored) { add(o.Key) })
	}
	slices.Sort(folders)
	return folders, err
}

func (r *run) undoPartition(ctx context.Context, p *Partition, keys []string) error {
	for {
		s, err := r.survey(ctx, p.Folder)
		if err != nil {
			return err
		}
		c := s.toUndo(keys)
		if c != nil && !r.Apply {
			s.wouldUndo(p)
			return nil
		}
		if c == nil {
			return r.resumeUndo(ctx, s, p)
		}
		if err := r.undo(ctx, c, p); err != nil {
			return err
		}
	}
}

// toUndo returns the plan to undo next, nil for none. A later plan may have joined what
// came of an earlier one, so it comes first.
func (n *noted) toUndo(keys []string) *lake.Compaction {
	for _, c := range slices.Backward(n.plans) {
		if keys == nil && !c.Void && c.Undone == nil {
			return c
		}
	}
	for _, key := range keys {
		folder, name, _ := lake.SplitKey(key)
		if folder != n.folder {
			continue
		}
		if f := lake.FateOf(n.plans, name); f != nil && f.Joined != nil {
			return f.Joined
		}
	}
	return nil
}

// wouldUndo says what undoing all plans would do.
func (n *noted) wouldUndo(p *Partition) {
	for _, c := range n.plans {
		if c.Void || c.Undone != nil {
			continue
		}
		for _, o := range c.Result {
			p.Before.add(o.Rows, o.Bytes)
		}
		p.After.Objects += int64(len(c.Names))
	}
}

// resumeUndo ends what those have begun who undid plans before.
func (r *run) resumeUndo(ctx context.Context, s *survey, p *Partition) error {
	keys := s.leftovers() // undo removes what it leaves itself
	if len(keys) > 0 {
		p.Unfinished++
	}
	for _, c := range slices.Backward(s.plans) {
		if c.Undos == 0 || c.Undone != nil {
			continue
		}
		p.Unfinished++
		if !r.Apply {
			continue
		}
		if err := r.undo(ctx, c, p); err != nil {
			return err
		}
	}
	if !r.Apply {
		return nil
	}
	return r.remove(ctx, keys)
}

// errNoRows is the error of a plan of a version that noted no digests.
var errNoRows = errors.New("an earlier version of sluice joined the objects, and did not note which rows were whose: " + lake.DayAnew)

// undo undoes one plan. Wherever it is stopped, the next call undoes it from the
// beginning, and removes what this one left.
func (r *run) undo(ctx context.Context, c *lake.Compaction, p *Partition) error {
	if err := r.mayRemove(ctx, c.Folder); err != nil {
		return err
	}
	if ended, err := r.endFirst(ctx, c, p); !ended || err != nil {
		return err
	}
	rows, err := c.Rows(ctx, r.Ledger)
	if err == nil && rows == nil && len(c.Result) > 0 {
		err = errNoRows
	}
	if err != nil {
		return err
	}
	if inputs, err := r.results(ctx, c, p); err != nil || inputs == nil { // before anything is noted
		return err
	}
	attempt, err := c.BeginUndo(ctx, r.Ledger, rand.Text())
	if err != nil {
		return err
	}
	inputs, err := r.results(ctx, c, p)
	if err != nil || inputs == nil {
		return err
	}
	d := newDivider(r, c, attempt, rows)
	if err = d.divide(ctx, inputs); err == nil {
		err = d.check(ctx)
	}
	if err == nil {
		err = c.FinishUndo(ctx, r.Ledger, lake.Undone{Attempt: attempt, Objects: d.objects})
	}
	if err != nil || c.Undone.Attempt != attempt {
		return r.giveUp(ctx, d, err)
	}
	for _, o := range inputs {
		p.Before.add(0, o.Bytes)
	}
	for _, o := range d.all() {
		p.Before.Rows += o.Rows
		p.After.add(o.Rows, o.Bytes)
	}
	return r.afterUndo(ctx, c.Folder)
}

// endFirst ends a plan that was not followed to its end, of which objects that were joined
// may be left. Ended is false for one that does not count.
func (r *run) endFirst(ctx context.Context, c *lake.Compaction, p *Partition) (ended bool, err error) {
	if !c.Counts && !c.Void {
		if err := c.Decide(ctx, r.Ledger, false); err != nil {
			return false, err
		}
	}
	if c.Void {
		return false, nil
	}
	s, err := r.survey(ctx, c.Folder)
	if err == nil {
		err = r.end(ctx, s, c, &Partition{})
	}
	return err == nil, err
}

// results returns the objects that have the rows of a plan's results now, after it has
// undone the plans that joined these. It returns nil if somebody else has undone the plan.
func (r *run) results(ctx context.Context, c *lake.Compaction, p *Partition) (found []lake.Stored, err error) {
	for {
		s, err := r.survey(ctx, c.Folder)
		if err != nil || s.plans[c.Number].Undone != nil {
			return nil, err
		}
		keys, joined, err := r.whereabouts(ctx, s, c)
		if err != nil {
			return nil, err
		}
		if joined != nil {
			if err := r.undo(ctx, joined, p); err != nil {
				return nil, err
			}
			continue
		}
		found = []lake.Stored{}
		for _, o := range s.objects {
			if slices.Contains(keys, o.Key) {
				found = append(found, o)
			}
		}
		if len(found) < len(keys) {
			return nil, fmt.Errorf("%d of the objects that have rows of it are gone: %w; if that says the same, restore them, or %s", len(keys)-len(found), lake.ErrGone, lake.DayAnew)
		}
		return found, nil
	}
}

// whereabouts returns the keys of the objects that have the rows of a plan's results, or a
// plan that has joined one of these.
func (r *run) whereabouts(ctx context.Context, s *survey, c *lake.Compaction) (keys []string, joined *lake.Compaction, err error) {
	for _, o := range c.Result {
		_, name, _ := lake.SplitKey(o.Key)
		f, err := lake.SettleFate(ctx, r.Ledger, s.plans, name)
		switch {
		case err != nil:
			return nil, nil, err
		case f == nil:
			keys = append(keys, o.Key)
		case f.Joined != nil:
			return nil, f.Joined, nil
		default:
			keys = append(keys, f.Objects...)
		}
	}
	return keys, nil, nil
}

// giveUp removes what an attempt has written that does not count.
func (r *run) giveUp(ctx context.Context, d *divider, failed error) error {
	if failed != nil {
		all, err := lake.Compactions(ctx, r.Ledger, d.plan.Folder)
		if err != nil || all[d.plan.Number].Undone != nil && all[d.plan.Number].Undone.Attempt == d.attempt {
			return errors.Join(failed, err) // the note was written, and nobody heard of it
		}
	}
	var keys []string
	for _, o := range d.all() {
		keys = append(keys, o.Key)
	}
	return errors.Join(failed, r.remove(ctx, keys))
}

// afterUndo removes what is left over.
func (r *run) afterUndo(ctx context.Context, folder string) error {
	s, err := r.survey(ctx, folder)
	if err != nil {
		return err
	}
	return r.remove(ctx, s.leftovers())
}
