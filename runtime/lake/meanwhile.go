package lake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
)

// ErrOvertaken is the error of a run or replay whose input another one has finished since it
// began, and made something else of.
var ErrOvertaken = errors.New("another run or replay of the same input has ended meanwhile: run this again, which replaces what both have written")

// looks reports whether Finish must know what others have done meanwhile before it replaces
// anything. There is nothing to replace of an input that is new.
func (e *Entry) looks(next *Manifest) bool {
	if e.old == nil {
		return false
	}
	objects, kept := e.replaced(next)
	return len(objects)+len(kept) > 0 || e.changes(next)
}

// look reads what others have saved or noted since this run or replay began, or looked last,
// and reports whether there is anything. A run replaces what a replay has added, and what
// was there under its own mapping. Else it is overtaken: both have written objects of the
// same names, or the lines that are replayed are another run's by now. So it is if what it has
// noted is gone: another run has ended, even if all is as it was before.
func (e *Entry) look(ctx context.Context) (came bool, err error) {
	now, err := e.ledger.Load(ctx, e.next.ID)
	if err != nil || now == nil {
		return false, err
	}
	p, seen, before := now.Pending, cmp.Or(e.late, e.found), ""
	if e.found != nil {
		before = e.found.Digest
	}
	same, noted := false, p != nil
	for _, m := range []*Manifest{seen, e.said} {
		if m != nil {
			same, noted = same || now.same(m), noted && !p.equal(m.Pending)
		}
	}
	ended := e.mine != nil && now.Shows && !e.mine.within(p) && (e.replay || now.Digest != e.next.Digest)
	if same && !noted && !ended {
		return false, nil
	}
	e.late = now
	if ended || !same && (e.replay || now.Digest != e.next.Digest && now.Digest != before) ||
		noted && !p.Replay && (e.replay || p.Digest != e.exact) {
		e.overtaken = true
	}
	return true, nil
}

// lastLook is a Ledger that saves a manifest only if still says, right before it is there for
// others, that nothing has come meanwhile.
type lastLook interface {
	SaveIf(ctx context.Context, m *Manifest, still func() (bool, error)) (saved bool, err error)
}

// save saves the manifest, if there is anything to save. It is not saved if others came.
func (e *Entry) save(ctx context.Context, next *Manifest, looks bool) (saved bool, err error) {
	if !e.changes(next) {
		return true, nil
	}
	nobody := func() (bool, error) {
		came, err := e.look(ctx)
		return !came, err
	}
	if last, ok := e.ledger.(lastLook); ok {
		return last.SaveIf(ctx, next, nobody)
	}
	if !looks {
		return true, e.ledger.Save(ctx, next)
	}
	if alone, err := nobody(); !alone || err != nil {
		return false, err
	}
	return true, e.ledger.Save(ctx, next)
}

// giveUp notes what this run or replay has written for the next one to replace.
func (e *Entry) giveUp(ctx context.Context, next *Manifest) error {
	mine := &Pending{Objects: union(next.objectKeys(), e.pending.Objects), Kept: union(next.Rejects, next.Unmatched, e.pending.Kept), Replay: e.replay}
	m := *e.late
	m.Pending = m.Pending.Join(mine)
	if err := e.ledger.Save(ctx, &m); err != nil {
		return err
	}
	return ErrOvertaken
}

// within reports whether another Pending names all that this one is about to write.
func (p *Pending) within(other *Pending) bool {
	return len(without(p.objects(), other.objects()))+len(without(p.kept(), other.kept())) == 0
}

// equal reports whether two runs, or a run and itself, noted the same.
func (p *Pending) equal(other *Pending) bool {
	return p == other || p != nil && other != nil && p.Digest == other.Digest && p.Replay == other.Replay &&
		slices.Equal(p.Objects, other.Objects) && slices.Equal(p.Kept, other.Kept) && slices.Equal(p.Going, other.Going)
}

// same reports whether two manifests list the same, whatever is pending.
func (m *Manifest) same(other *Manifest) bool {
	a, b := *m, *other
	a.Pending, b.Pending = nil, nil
	return bytes.Equal(a.Encode(), b.Encode())
}
