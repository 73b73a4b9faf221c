package lake

import (
	"context"
	"errors"
	"slices"
)

// This file is what an Entry has to do with compaction: see Compaction.

// same reports whether the run makes what is there: then it leaves joined objects alone.
func (e *Entry) same() bool {
	return e.old != nil && e.old.Digest == e.digest && !e.overwrite && !e.replay && !e.renamed
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

// MayReplace returns a Joined if the run would replace events that are joined with those
// of other inputs. Where they were joined once, it gives the run other names: those that
// plans have are not used again. It is called before the names are asked for.
func (e *Entry) MayReplace(ctx context.Context) error {
	if e.old == nil || e.replay {
		return nil
	}
	fates, err := e.compacted.among(ctx, e.old.objectKeys(), remembered)
	if err != nil {
		return err
	}
	if e.same() {
		e.renamed = e.touches(fates)
	}
	if e.same() || len(fates) == 0 {
		return nil
	}
	e.renamed, e.next.Series = true, e.old.Series+1
	return refusal(fates)
}

// touches reports whether a run that makes what is there can't leave all of the joined
// objects alone: what a replay added goes, and so may what an interrupted run was about to
// replace.
func (e *Entry) touches(fates map[string]*Fate) bool {
	replays := e.replaces()
	for key := range fates {
		if slices.Contains(replays, key) || slices.Contains(e.old.Pending.going(), key) {
			return true
		}
	}
	return false
}

// Joined reports whether the rows of an object that the run makes are in another one: it
// must not be committed again. Intend has found out.
func (e *Entry) Joined(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.joined[key]
}

// asked is what avoid has found out for good: after a settling look no plan joins an object.
type asked struct {
	replaces bool            // for those that are replaced
	objects  map[string]bool // for those that are committed
}

// avoid finds out which of the objects that are committed next were joined. The caller
// holds the mutex.
func (e *Entry) avoid(ctx context.Context, objects []string) error {
	how := remembered
	if e.fenced && e.old != nil {
		how = settling
	}
	if err := e.avoidReplaced(ctx, how); err != nil {
		return err
	}
	if how == settling {
		objects = slices.DeleteFunc(slices.Clone(objects), func(k string) bool { return e.asked.objects[k] })
	}
	fates, err := e.compacted.among(ctx, objects, how)
	if err != nil {
		return err
	}
	for key := range fates {
		if !e.same() {
			return e.refuse(ctx, &Joined{Folders: []string{fates[key].First.Folder}, Keys: []string{key}})
		}
		if e.joined == nil {
			e.joined = map[string]bool{}
		}
		e.joined[key] = true
	}
	if how == settling {
		if e.asked.objects == nil {
			e.asked.objects = map[string]bool{}
		}
		for _, key := range objects {
			e.asked.objects[key] = true
		}
	}
	return nil
}

// avoidReplaced is avoid for the objects that the run replaces.
func (e *Entry) avoidReplaced(ctx context.Context, how look) error {
	if e.asked.replaces {
		return nil
	}
	going, err := e.compacted.among(ctx, e.replaces(), how)
	if err == nil {
		err = refusal(going)
	}
	if err != nil {
		return e.refuse(ctx, err)
	}
	e.asked.replaces = how == settling
	return nil
}

// refuse takes back the note of a run that may not continue, and returns its error.
func (e *Entry) refuse(ctx context.Context, err error) error {
	if e.fenced && e.found != nil && e.found.Pending == nil && errors.Is(err, ErrCompacted) {
		e.noted, e.fenced, e.mine = false, false, nil
		err = errors.Join(err, e.ledger.Save(ctx, e.found))
	}
	return err
}

// settle looks once more when the objects are committed, before those that go are removed,
// and returns what became of these. A run that makes what is there notes nothing, so
// objects may have been joined since it looked: then what it has written again goes.
func (e *Entry) settle(ctx context.Context, out Sink, objects, going []string) (gone map[string]*Fate, err error) {
	if e.old == nil || e.replay && len(going) == 0 {
		return nil, nil
	}
	gone, err = e.compacted.among(ctx, going, settling)
	if err == nil {
		err = refusal(gone)
	}
	if err != nil {
		return nil, e.refuse(ctx, err)
	}
	if !e.same() {
		return gone, e.compacted.sweep(ctx, out, gone)
	}
	fates, err := e.compacted.among(ctx, objects, anew)
	if err != nil {
		return nil, err
	}
	for key, f := range fates {
		if f.First.Result == nil || e.joined[key] {
			continue
		}
		if err := out.Remove(ctx, key); err != nil {
			return nil, err
		}
	}
	return gone, e.compacted.sweep(ctx, out, fates)
}
