package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// enter looks a unit up in the ledger, once its identity is known. Content that was
// written before keeps the names that it has; a name of Logstash's goes to the content
// that asks for it first. The entry is nil without a ledger.
func (r *run) enter(ctx context.Context, u *unit, identity string) (*lake.Entry, error) {
	l := r.config.Ledger
	switch {
	case l == nil || r.config.Events != nil:
		return nil, nil
	case u.replay != nil:
		return lake.EnterReplay(r.compacted, u.replay, r.digest, r.config.Window), nil
	}
	next := lake.Manifest{ID: lake.ManifestID(identity, r.to), Identity: identity, Name: u.result.Name,
		Destination: r.to, Copies: r.config.Copies, Mappings: r.config.MappingNames, ClassSources: r.config.ClassSources, Strict: r.config.Strict, Digest: r.digest}
	old, err := l.Load(ctx, next.ID)
	if err != nil {
		return nil, err
	}
	if old != nil && old.Plan != "" {
		if old.Plan != r.config.LeavesPlan {
			return nil, &lake.PlannedError{Name: u.result.Name, Plan: old.Plan}
		}
		old = nil
	}
	if p := r.config.Pending; p != nil {
		if old == nil {
			old = &lake.Manifest{ID: next.ID, Identity: identity, Name: next.Name, Destination: next.Destination}
		}
		old.Pending = old.Pending.Join(p)
	}
	if old != nil {
		next.UUID = old.UUID
	} else if u.uuid != "" {
		name := lake.ManifestID(u.uuid, r.to)
		holder, err := l.Claim(ctx, name, identity)
		if err != nil {
			return nil, err
		}
		if holder == identity {
			next.UUID = u.uuid
		}
	}
	e := lake.Enter(r.compacted, old, next, r.config.Overwrite, r.config.Window)
	if err := r.mayReplace(ctx, e); err != nil {
		return nil, fmt.Errorf("%s was not written: %w", u.result.Name, err)
	}
	return e, nil
}

// mayReplace undoes the compactions that have joined what a run replaces.
func (r *run) mayReplace(ctx context.Context, e *lake.Entry) error {
	err := e.MayReplace(ctx)
	joined := new(lake.Joined)
	if !errors.As(err, &joined) {
		return err
	}
	if r.config.Undo == nil {
		return fmt.Errorf("%w: run `%s/%s` with an identity that may read the lake and delete there, and then this again", err, r.config.UndoCommand, strings.TrimSuffix(joined.Folders[0], "/"))
	}
	r.undoing.Lock() // one call undoes for all units of the day
	defer r.undoing.Unlock()
	r.compacted.Forget()
	if err = e.MayReplace(ctx); !errors.As(err, &joined) {
		return err
	}
	if err := r.config.Undo(ctx, joined.Keys); err != nil {
		return fmt.Errorf("%w, which could not be undone: %w", joined, err)
	}
	r.compacted.Forget()
	return e.MayReplace(ctx)
}

// intend notes in the ledger what publish commits.
func (u *unit) intend(ctx context.Context, n *lake.Named) error {
	if n.Entry == nil {
		return nil
	}
	var objects []string
	if u.store != nil {
		objects = u.store.Keys(n.Namer)
	}
	return n.Entry.Intend(ctx, objects, append(u.rejects.keys(n.Namer), u.unmatched.keys(n.Namer)...))
}

// record removes what the unit's content has from earlier runs, and saves its manifest.
func (r *run) record(ctx context.Context, u *unit, e *lake.Entry) (err error) {
	if e == nil {
		return nil
	}
	complete := func(m *lake.Manifest) { u.complete(m, r.config.Window) }
	if u.replay != nil {
		complete = func(m *lake.Manifest) { u.completeReplay(m, r.config.ReplayUnmatched) }
	}
	places := lake.StoreConfig{Tables: r.tables, Options: r.config.Table, Out: r.config.Out, JSON: r.config.JSON}
	if u.result.Replaced, err = e.Finish(ctx, complete, places, r.config.Rejects); err != nil {
		return fmt.Errorf("replacing what earlier runs made of %s: %w", u.result.Name, err)
	}
	return nil
}

// complete adds to a manifest what the run made of the unit.
func (u *unit) complete(m *lake.Manifest, window *lake.Window) {
	c := u.result.Counts
	m.Outcomes = lake.Outcomes{Lines: c.Lines, Taken: c.Taken, Events: c.Events, RejectLines: c.Rejects,
		UnmatchedLines: c.Unmatched, Dropped: c.Dropped, Blank: c.Blank}
	m.Objects = u.objects(false)
	m.Rejects, m.Unmatched = u.result.Rejects, u.result.Unmatched
	m.Days, m.Refused = daysOf(m.Objects), u.refused.dates(window)
}

// completeReplay adds what a replay made of rejects of the input.
func (u *unit) completeReplay(m *lake.Manifest, unmatched bool) {
	c, o := u.result.Counts, &m.Outcomes
	o.Taken, o.Events, o.Dropped, o.Blank = o.Taken+c.Taken, o.Events+c.Events, o.Dropped+c.Dropped, o.Blank+c.Blank
	o.RejectLines = c.Rejects
	m.Rejects = u.result.Rejects
	if unmatched {
		o.UnmatchedLines, m.Unmatched = 0, nil
	}
	o.UnmatchedLines += c.Unmatched
	m.Unmatched = append(m.Unmatched[:len(m.Unmatched):len(m.Unmatched)], u.result.Unmatched...)
	o.Lines = o.Taken + o.RejectLines + o.UnmatchedLines + o.Dropped + o.Blank
	m.Objects = append(m.Objects[:len(m.Objects):len(m.Objects)], u.objects(true)...)
	m.Days = daysOf(m.Objects)
}

func (u *unit) objects(replay bool) []lake.ManifestObject {
	all := make([]lake.ManifestObject, 0, len(u.result.Objects))
	for _, o := range u.result.Objects {
		all = append(all, lake.ManifestObject{Key: o.Key, Rows: o.Rows, Bytes: o.Bytes, Replay: replay})
	}
	return all
}

// daysOf are the days of objects, each once, in ascending order.
func daysOf(objects []lake.ManifestObject) []string {
	found := map[string]bool{}
	for _, o := range objects {
		_, after, _ := strings.Cut(o.Key, "/eventDay=")
		day, _, _ := strings.Cut(after, "/")
		found[day] = true
	}
	return slices.Sorted(maps.Keys(found))
}
