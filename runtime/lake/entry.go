package lake

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// Entry is one input in the ledger while a run writes it. Several goroutines may use it
// at once, but for Finish.
//
//	Enter ─► Intend, before the commits of these keys ─► commits ─► Finish: what is stale goes, then the manifest
type Entry struct {
	ledger    Ledger
	old       *Manifest // nil if there is none
	was       earlier   // what it lists
	found     *Manifest // the same, as the ledger has it
	late      *Manifest // what others have saved or noted since, nil for nothing
	overtaken bool      // and they have made something else of the input
	said      *Manifest // what note noted last, nil for nothing
	mine      *Pending  // what of that is of this run, and of those that were interrupted before it
	next      Manifest  // what Finish saves, before the run's results are in it
	digest    string    // of what writes: the run or the replay
	exact     string    // the same with the run's window
	overwrite bool
	replay    bool
	compacted *Compacted

	mu      sync.Mutex
	renamed bool    // the objects have names of a new series
	noted   bool    // pending is in the ledger
	fenced  bool    // and this run has noted it
	pending Pending // of this run and of those that were interrupted before it
	joined  map[string]bool
	asked   asked
}

// Enter makes an Entry for an input. Old is its manifest, nil if there is none, next the
// one that the run makes, as far as it is known: all but the counts and keys. With
// overwrite the run writes every object again, even if it is there. Window is the days
// that the run takes.
func Enter(c *Compacted, old *Manifest, next Manifest, overwrite bool, window *Window) *Entry {
	found := old
	if old != nil && !window.decidesAlike(old) {
		other := *old
		other.Digest, old = "", &other
	}
	e := enter(c, old, next, next.Digest, window)
	e.found, e.overwrite = found, overwrite
	return e
}

func enter(c *Compacted, old *Manifest, next Manifest, digest string, window *Window) *Entry {
	e := &Entry{ledger: c.ledger, compacted: c, old: old, next: next, digest: digest, exact: strings.TrimSpace(digest + " " + window.String())}
	e.pending.Digest = e.exact
	if old == nil {
		return e
	}
	e.was, e.next.Series = old.lists(), old.Series
	if old.Pending != nil {
		e.noted, e.pending = true, *old.Pending
		e.pending.Objects = union(e.pending.Objects) // sorted, as Intend needs it
	}
	return e
}

// EnterReplay is Enter for a replay of rejects of an input, whose manifest is old. Digest
// is of what the replay makes of them.
func EnterReplay(c *Compacted, old *Manifest, digest string, window *Window) *Entry {
	next := *old
	next.Pending = nil
	next.Generation++
	e := enter(c, old, next, digest, window)
	e.found, e.replay = old, true
	e.pending.Replay = e.pending.Replay || !e.noted
	return e
}

// UUID is the name that the objects have from Logstash's, "" for one of their identity.
func (e *Entry) UUID() string { return e.next.UUID }

// Series is that of the names of the objects, once MayReplace was called.
func (e *Entry) Series() int { return e.next.Series }

// Generation counts the replays of the input, with this one.
func (e *Entry) Generation() int { return e.next.Generation }

// Intend notes what is committed next: keys of objects in the lake, and of kept lines in
// the reject store. What a run like this one has written before needs no note.
func (e *Entry) Intend(ctx context.Context, objects, kept []string) error {
	return e.intend(ctx, objects, kept, nil)
}

// intend is Intend, which notes what is committed later together with what is committed
// next, if that needs a note: each writes all that is pending.
func (e *Entry) intend(ctx context.Context, objects, kept, later []string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	written := objects
	if !e.noted && e.old != nil && !e.replay && e.old.Digest == e.digest {
		objects, later, kept = e.was.new(objects), e.was.new(later), without(kept, e.old.keptKeys())
	}
	more := !e.pending.has(objects) || len(without(kept, e.pending.Kept)) > 0
	mixed := e.pending.Digest != e.exact || e.pending.Replay != e.replay
	if more || mixed && e.noted {
		e.pending.Objects, e.pending.Kept = union(e.pending.Objects, objects, later), union(e.pending.Kept, kept)
		if err := e.note(ctx); err != nil {
			return err
		}
	}
	return e.avoid(ctx, written)
}

// intends reports whether the key of an object is noted.
func (e *Entry) intends(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pending.has([]string{key})
}

// note notes what is pending. The caller holds the mutex.
func (e *Entry) note(ctx context.Context) error {
	if e.pending.Digest != e.exact {
		e.pending.Digest = ""
	}
	e.pending.Replay = e.pending.Replay && e.replay
	m := Manifest{ID: e.next.ID, Identity: e.next.Identity, Name: e.next.Name, UUID: e.next.UUID, Destination: e.next.Destination}
	if e.old != nil {
		if _, err := e.look(ctx); err != nil { // or it would be lost
			return err
		}
	}
	if there := cmp.Or(e.late, e.old); there != nil {
		m = *there
	}
	pending := e.pending
	m.Pending = &pending
	if e.late != nil {
		m.Pending = e.late.Pending.Join(&pending)
	}
	said := m
	e.said = &said
	e.noted, e.fenced = true, true
	err := e.ledger.Intend(ctx, &m)
	if err == nil {
		e.mine = &pending
	}
	return err
}

// Keeps reports whether an object of this key, if it exists, is the one that the run
// would write: only runs of its digest have written it.
func (e *Entry) Keeps(key string) bool {
	if e.overwrite || e.old == nil || e.was.stale[key] || e.was.going[key] {
		return false
	}
	replay, listed := e.was.objects[key]
	if listed && (replay || e.old.Digest != e.digest) {
		return false
	}
	if e.was.pending[key] {
		return e.old.Pending.Digest == e.exact
	}
	return listed
}

// KeepsLines is Keeps for kept lines in the reject store. A key that an interrupted run
// was about to write may be of a file that was emptied long ago, so it is written.
func (e *Entry) KeepsLines(key string) bool {
	if e.overwrite || e.replay || e.old == nil || e.old.Generation > 0 || e.old.Digest != e.digest {
		return false
	}
	listed := slices.Contains(e.old.Rejects, key) || slices.Contains(e.old.Unmatched, key)
	return listed && !slices.Contains(e.old.Pending.kept(), key) && !slices.Contains(e.old.Pending.going(), key)
}

// Replacement says what a run replaced of earlier ones, as keys of the lake.
type Replacement struct {
	Removed []string
	// Stale are those that could not be removed, and have no rows now.
	Stale []string
}

// Finish removes what the input has from earlier runs and not from this one, and saves
// the manifest, to which complete adds what the run found and wrote. The kept lines
// of before go last in a replay, since until then the manifest names them, and
// first in a run, which can be repeated.
func (e *Entry) Finish(ctx context.Context, complete func(*Manifest), places StoreConfig, rejects Sink) (r Replacement, err error) {
	next := e.next
	complete(&next)
	var kept []string
	looks := e.looks(&next)
	if looks {
		if _, err = e.look(ctx); err != nil {
			return r, err
		}
	}
	for saved := false; !saved; {
		if e.overtaken {
			return r, e.giveUp(ctx, &next)
		}
		if kept, err = e.replace(ctx, &next, &places, rejects, &r); err == nil && !e.overtaken {
			saved, err = e.save(ctx, &next, looks)
		}
		if err != nil {
			return r, err
		}
	}
	if e.replay {
		return r, removeLines(ctx, rejects, kept)
	}
	return r, nil
}

// replace removes what is of earlier runs and not of this one, but for the kept lines of a
// replay, and returns their keys. It removes nothing if others have overtaken it.
func (e *Entry) replace(ctx context.Context, next *Manifest, places *StoreConfig, rejects Sink, r *Replacement) (kept []string, err error) {
	objects, kept := e.replaced(next)
	for len(without(slices.Concat(objects, kept), e.pending.Going)) > 0 {
		e.pending.Going = union(e.pending.Going, objects, kept)
		if err := e.note(ctx); err != nil || e.overtaken {
			return nil, err
		}
		objects, kept = e.replaced(next) // others may have come by now
	}
	fates, err := e.settle(ctx, places.Out, next.objectKeys(), objects)
	if err != nil {
		return nil, err
	}
	if e.replay {
		next.Replaced = kept
	} else if err := removeLines(ctx, rejects, kept); err != nil {
		return nil, err
	}
	if err := r.clear(ctx, places, objects, fates); err != nil {
		return nil, err
	}
	next.Stale = union(next.Stale, r.Stale)
	return kept, nil
}

// clear removes objects with their copies. Of one that was joined those go that have its
// rows now: its own name belongs to the compaction.
func (r *Replacement) clear(ctx context.Context, places *StoreConfig, keys []string, fates map[string]*Fate) error {
	for _, key := range keys {
		if err := places.clearCopy(ctx, key); err != nil {
			return err
		}
		parts := []string{key}
		if f := fates[key]; f != nil {
			parts = f.Objects
		}
		for _, part := range parts {
			gone, err := places.clear(ctx, part)
			switch {
			case err != nil:
				return err
			case gone:
				r.Removed = append(r.Removed, part)
			default:
				r.Stale = append(r.Stale, part)
			}
		}
	}
	return nil
}

// changes reports whether the manifest must be saved. An empty input, of which there is
// nothing to replace, leaves no trace.
func (e *Entry) changes(next *Manifest) bool {
	if e.old == nil {
		return e.noted || e.late != nil || next.Lines > 0
	}
	return e.noted || e.late != nil || !bytes.Equal(e.old.Encode(), next.Encode())
}

// replaced returns the keys of objects and of kept lines that may exist and are none of
// the next manifest. Objects that have no rows stay as they are, unless an interrupted run
// may have written them.
func (e *Entry) replaced(next *Manifest) (objects, kept []string) {
	objects, kept = e.pending.Objects, e.pending.Kept
	next.Stale = nil
	for _, m := range []*Manifest{e.old, e.late} {
		if m != nil {
			objects, kept = union(objects, m.objectKeys()), union(kept, m.keptKeys())
			next.Stale = union(next.Stale, without(m.Stale, slices.Concat(next.objectKeys(), e.pending.Objects)))
		}
	}
	return without(objects, slices.Concat(next.objectKeys(), next.Stale)), without(kept, slices.Concat(next.Rejects, next.Unmatched))
}
