package lake

import (
	"context"
	"errors"
	"slices"
)

// This file is what an Entry has to do with compaction: see Compaction.

// same reports whether the run makes what is there: then it leaves joined objects alone.
func (e *Entry) same() bool {
	return e.old != nil && e.old.Digest == e.digest && !e.overwrite && !e.replay
}

// replaces are the keys of objects of earlier runs whose rows this run replaces.
func (e *Entry) replaces() (keys []string) {
	switch {
	case e.old == nil || e.replay:
		return nil
	case !e.same():
		return e.old.objectKeys()
	}
	for _, o := range e.old.Objects {
		if o.Replay {
			keys = append(keys, o.Key)
		}
	}
	return keys
}

// MayReplace returns an error that wraps ErrCompacted if the run would replace events that
// were joined with those of other inputs.
func (e *Entry) MayReplace(ctx context.Context) error {
	joined, err := e.compacted.among(ctx, e.replaces(), remembered)
	if err == nil && len(joined) > 0 {
		err = refusal(joined)
	}
	return err
}

// Joined reports whether an object that the run makes was joined with others: it must not
// be committed again. Intend has found out.
func (e *Entry) Joined(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.joined[key]
}

// avoid finds out which of the objects that are committed next were joined. The caller
// holds the mutex.
func (e *Entry) avoid(ctx context.Context, objects []string) error {
	how := remembered
	if e.fenced && e.old != nil {
		how = settling
	}
	replaced := e.replaces()
	joined, err := e.compacted.among(ctx, union(objects, replaced), how)
	if err != nil {
		return err
	}
	for key := range joined {
		if !e.same() || slices.Contains(replaced, key) {
			return e.refuse(ctx, joined)
		}
		if e.joined == nil {
			e.joined = map[string]bool{}
		}
		e.joined[key] = true
	}
	return nil
}

// refuse returns the error of a run that may not go on, and takes back its note.
func (e *Entry) refuse(ctx context.Context, joined map[string]*Compaction) error {
	err := refusal(joined)
	if e.fenced && e.found != nil && e.found.Pending == nil {
		e.noted, e.fenced = false, false
		err = errors.Join(err, e.ledger.Save(ctx, e.found))
	}
	return err
}

// settle looks once more when the objects are committed, before those that go are removed.
// A run that makes what is there notes nothing, so objects may have been joined since it
// looked: then what it has written again goes.
func (e *Entry) settle(ctx context.Context, out Sink, objects, going []string) error {
	if e.old == nil || e.replay && len(going) == 0 {
		return nil
	}
	joined, err := e.compacted.among(ctx, going, settling)
	if err != nil || len(joined) > 0 {
		if err == nil {
			err = e.refuse(ctx, joined)
		}
		return err
	}
	if !e.same() {
		return nil
	}
	if joined, err = e.compacted.among(ctx, objects, anew); err != nil {
		return err
	}
	for key, c := range joined {
		if c.Result == nil || e.joined[key] {
			continue
		}
		if err := out.Remove(ctx, key); err != nil {
			return err
		}
	}
	return nil
}
