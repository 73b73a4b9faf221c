package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Compacted knows which objects were joined, for the runs that made them. It remembers
// what it has looked up. Several goroutines may use it at once.
type Compacted struct {
	ledger Ledger

	mu      sync.Mutex
	folders map[string][]*Compaction
	swept   map[string]bool // keys
}

// NewCompacted returns what a ledger knows.
func NewCompacted(l Ledger) *Compacted {
	return &Compacted{ledger: l, folders: map[string][]*Compaction{}, swept: map[string]bool{}}
}

// Forget lets what it knows be looked up again.
func (c *Compacted) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.folders)
}

// look is how Compacted looks for joined objects.
type look uint8

const (
	remembered look = iota // as it found them before
	anew
	// settling looks again, and makes sure that no plan joins the objects later: an
	// undecided one does not count then. The ledger must have noted before that the
	// input is being written, which whoever decides looks at.
	settling
)

// Fate is what became of an object that a plan which counts names.
type Fate struct {
	// First is the first plan that joined it. Nobody writes its name again.
	First *Compaction
	// Joined is the plan whose Result has its rows, nil if objects of its own have them
	// again.
	Joined *Compaction
	// Objects are the keys of these.
	Objects []string
	// Left are the keys of joined objects that had its rows before: whoever undid the plan
	// may have been stopped before they were removed.
	Left []string
}

// FateOf returns what became of an object of a name by the plans of its partition, nil if
// it is as it was written.
func FateOf(all []*Compaction, name string) *Fate {
	f, _ := fateOf(all, name, func(*Compaction) error { return nil })
	return f
}

// SettleFate is FateOf, after which no plan joins the object that was not decided: it does
// not count then. The ledger must have noted before what whoever decides looks at.
func SettleFate(ctx context.Context, l Ledger, all []*Compaction, name string) (*Fate, error) {
	return fateOf(all, name, func(c *Compaction) error { return c.Decide(ctx, l, false) })
}

// fateOf is FateOf, which calls decide with plans that are not decided.
func fateOf(all []*Compaction, name string, decide func(*Compaction) error) (*Fate, error) {
	var f *Fate
	names := []string{name}
	for _, c := range all {
		var next []string
		for _, n := range names {
			if c.Void || !c.Has(n) {
				next = append(next, n)
				continue
			}
			if !c.Counts {
				if err := decide(c); err != nil {
					return nil, err
				}
			}
			if !c.Counts {
				next = append(next, n)
				continue
			}
			if f == nil {
				f = &Fate{First: c}
			}
			if c.Undone == nil {
				f.Joined = c
				return f, nil
			}
			f.leave(all, c)
			for _, o := range c.Undone.Objects[n] {
				_, part, _ := SplitKey(o.Key)
				next = append(next, part)
			}
		}
		names = next
	}
	if f != nil {
		for _, n := range names {
			f.Objects = append(f.Objects, f.First.Folder+n+objectEnd)
		}
	}
	return f, nil
}

// leave adds what may be left of a plan that was undone: its result, or what has the rows of
// that since a later plan, which had joined it too, was undone.
func (f *Fate) leave(all []*Compaction, c *Compaction) {
	for _, o := range c.Result {
		f.Left = append(f.Left, o.Key)
		_, name, _ := SplitKey(o.Key)
		if of := FateOf(all, name); of != nil {
			f.Left = append(append(f.Left, of.Left...), of.Objects...)
		}
	}
}

// among returns the fates of those of the keys that plans name.
func (c *Compacted) among(ctx context.Context, keys []string, how look) (found map[string]*Fate, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	looked := map[string]bool{}
	decide := func(plan *Compaction) error {
		if how != settling {
			return nil
		}
		return plan.Decide(ctx, c.ledger, false)
	}
	for _, key := range keys {
		folder, name, ok := SplitKey(key)
		if !ok {
			continue
		}
		all, known := c.folders[folder]
		if !known || how != remembered && !looked[folder] {
			if all, err = Compactions(ctx, c.ledger, folder); err != nil {
				return nil, err
			}
			c.folders[folder], looked[folder] = all, true
		}
		f, err := fateOf(all, name, decide)
		if err != nil {
			return nil, err
		}
		if f != nil {
			if found == nil {
				found = map[string]*Fate{}
			}
			found[key] = f
		}
	}
	return found, nil
}

// sweep removes what calls left that were stopped while they undid a plan, each key once.
// An identity that may not remove it leaves it to `sluice compact`.
func (c *Compacted) sweep(ctx context.Context, out Sink, fates map[string]*Fate) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range fates {
		for _, key := range f.Left {
			if c.swept[key] {
				continue
			}
			if err := out.Remove(ctx, key); err != nil && !errors.Is(err, ErrMayNotRemove) {
				return err
			}
			c.swept[key] = true
		}
	}
	return nil
}

// ErrCompacted is wrapped by the error of a run that would replace events which were
// joined with those of other inputs.
var ErrCompacted = errors.New("its events were joined with those of other inputs by `sluice compact`")

// Joined is the error of a run that would replace joined objects: the plans that join
// them have to be undone first.
type Joined struct {
	Folders []string // of the partitions, sorted
	Keys    []string // of the objects, sorted
}

func (j *Joined) Error() string {
	var days []string
	for _, folder := range j.Folders {
		days = append(days, Value(folder, "eventDay="))
	}
	return fmt.Sprintf("%v (day %s)", ErrCompacted, strings.Join(days[:min(len(days), 5)], ", "))
}

// Unwrap returns ErrCompacted.
func (j *Joined) Unwrap() error { return ErrCompacted }

// refusal returns a Joined for the keys that are joined, nil for none.
func refusal(fates map[string]*Fate) error {
	j := &Joined{}
	for key, f := range fates {
		if f.Joined != nil {
			j.Folders, j.Keys = append(j.Folders, f.Joined.Folder), append(j.Keys, key)
		}
	}
	if len(j.Keys) == 0 {
		return nil
	}
	slices.Sort(j.Keys)
	j.Folders = union(j.Folders)
	return j
}
