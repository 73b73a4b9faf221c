package lake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
)

// Compaction is a plan to join objects of one partition, and what became of it. Plan,
// decision and result are notes in the ledger: each is written once, by whoever comes
// first, and never changes.
//
//	plan ─► decision: it counts, or a run needs one of the objects ─► joined and checked ─► result ─► the objects go
//
// From the decision on, what the plan names is joined for good: a run that made one of
// these objects does not write it again.
type Compaction struct {
	Plan
	Number int // of the partition's, from 0
	// Counts is true once the plan counts, Void once it does not. Neither is true before
	// the decision.
	Counts, Void bool
	// Result are the objects that have all rows of the plan's, nil as long as the plan's
	// own objects have them.
	Result []ManifestObject
	names  map[string]bool
}

// Plan says what is joined. The objects that come of it have names made from the plan.
type Plan struct {
	Format int    `json:"compaction"` // planFormat
	Folder string `json:"folder"`     // of the partition
	// ObjectBytes is the most bytes of an object, as in Limits.
	ObjectBytes int64    `json:"object_bytes"`
	Names       []string `json:"objects"` // without folder and extension, sorted
}

const (
	planFormat = 1

	planCounts = "counts"
	planVoid   = "void"
)

// ErrCompacted is wrapped by the error of a run that would replace events which were
// joined with those of other inputs.
var ErrCompacted = errors.New("its events were joined with those of other inputs by `sluice compact`, and cannot be taken out again")

// Encode returns the text of the plan's note.
func (p *Plan) Encode() []byte {
	p.Format = planFormat
	text, _ := json.Marshal(p) // texts and numbers can always be marshalled
	return append(text, '\n')
}

// ID is the identity of the plan's objects, as Namer has it.
func (p *Plan) ID() string { return Digest("compaction", string(p.Encode())) }

// Has reports whether the plan joins the object of a name.
func (c *Compaction) Has(name string) bool {
	if c.names == nil {
		c.names = make(map[string]bool, len(c.Names))
		for _, n := range c.Names {
			c.names[n] = true
		}
	}
	return c.names[name]
}

// notesOf is the folder of the notes about the compactions of a partition.
func notesOf(folder string) string {
	return path.Join(LedgerFolder, "compacted", folder)
}

func noteOf(folder string, number int, what string) string {
	return fmt.Sprintf("%s/%06d.%s", notesOf(folder), number, what)
}

// Compactions returns those of a partition, in their order.
func Compactions(ctx context.Context, l Ledger, folder string) ([]*Compaction, error) {
	notes, err := l.Notes(ctx, notesOf(folder))
	if err != nil {
		return nil, err
	}
	var all []*Compaction
	for number := 0; ; number++ {
		key := noteOf(folder, number, "plan")
		text, ok := notes[key]
		if !ok {
			return all, nil
		}
		c := &Compaction{Number: number}
		if err := json.Unmarshal(text, &c.Plan); err != nil {
			return nil, fmt.Errorf("%s is damaged (%w): restore it, or keep away from the folder %s", key, err, folder)
		}
		if c.Format != planFormat {
			return nil, fmt.Errorf("%s has the format %d, which this version does not know: use the version that wrote it, or a newer one", key, c.Format)
		}
		c.decided(notes[noteOf(folder, number, "decision")])
		if text, ok := notes[noteOf(folder, number, "result")]; ok {
			if err := json.Unmarshal(text, &c.Result); err != nil {
				return nil, fmt.Errorf("%s is damaged (%w): restore it, or keep away from the folder %s", noteOf(folder, number, "result"), err, folder)
			}
		}
		all = append(all, c)
	}
}

func (c *Compaction) decided(text []byte) {
	c.Counts, c.Void = string(text) == planCounts, string(text) == planVoid
}

// Propose notes a plan under a number. It returns false if there is another plan of that
// number.
func Propose(ctx context.Context, l Ledger, p Plan, number int) (*Compaction, bool, error) {
	text := p.Encode()
	there, err := l.Note(ctx, noteOf(p.Folder, number, "plan"), text)
	return &Compaction{Plan: p, Number: number}, string(there) == string(text), err
}

// Decide decides whether the plan counts, unless somebody has decided it before.
func (c *Compaction) Decide(ctx context.Context, l Ledger, counts bool) error {
	text := planVoid
	if counts {
		text = planCounts
	}
	there, err := l.Note(ctx, noteOf(c.Folder, c.Number, "decision"), []byte(text))
	if err == nil {
		c.decided(there)
	}
	return err
}

// Finish notes the result, unless somebody has noted one before.
func (c *Compaction) Finish(ctx context.Context, l Ledger, result []ManifestObject) error {
	text, _ := json.Marshal(result) // texts and numbers can always be marshalled
	there, err := l.Note(ctx, noteOf(c.Folder, c.Number, "result"), text)
	if err == nil {
		c.Result = nil
		err = json.Unmarshal(there, &c.Result)
	}
	return err
}

// Compacted knows which objects were joined, for the runs that made them. It remembers
// what it has looked up. Several goroutines may use it at once.
type Compacted struct {
	ledger Ledger

	mu      sync.Mutex
	folders map[string][]*Compaction
}

// NewCompacted returns what a ledger knows.
func NewCompacted(l Ledger) *Compacted {
	return &Compacted{ledger: l, folders: map[string][]*Compaction{}}
}

// look is how Compacted looks for joined objects.
type look uint8

const (
	remembered look = iota // as it found them before
	anew
	// settling looks anew, and makes sure that no plan joins the objects later: an
	// undecided one does not count then. The ledger must have noted before that the
	// input is being written, which whoever decides looks at.
	settling
)

// among returns those of the keys that are joined, with the plan.
func (c *Compacted) among(ctx context.Context, keys []string, how look) (found map[string]*Compaction, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	looked := map[string]bool{}
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
		for _, plan := range all {
			if plan.Void || !plan.Has(name) {
				continue
			}
			if how == settling && !plan.Counts {
				if err := plan.Decide(ctx, c.ledger, false); err != nil {
					return nil, err
				}
			}
			if plan.Counts {
				if found == nil {
					found = map[string]*Compaction{}
				}
				found[key] = plan
			}
		}
	}
	return found, nil
}

// refusal is the error of a run that would replace joined objects.
func refusal(joined map[string]*Compaction) error {
	var days, notes []string
	for key, c := range joined {
		days, notes = append(days, Value(key, "eventDay=")), append(notes, notesOf(c.Folder))
	}
	days, notes = union(days), union(notes)
	return fmt.Errorf("%w (day %s): a run with another mapping would double them; to map the day anew, remove its folder from the lake and %s from the rejects, and run all inputs of the day",
		ErrCompacted, strings.Join(days[:min(len(days), 5)], ", "), cmp.Or(strings.Join(notes[:min(len(notes), 3)], ", "), "its notes"))
}
