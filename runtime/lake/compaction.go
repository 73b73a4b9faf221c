package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
)

// DayAnew says how to get the rows of a day whose joined objects are lost, or cannot be
// divided.
const DayAnew = "to map the day anew, remove its folder from the lake and its notes under .manifests/compacted from the rejects, and run all inputs of the day"

// Compaction is a plan to join objects of one partition, and what became of it. Plan,
// decision, result and undoing are notes in the ledger: each is written once, by whoever
// comes first, and never changes.
//
//	plan ─► decision: it counts, or a run needs one of the objects ─► joined and checked ─► result ─► the objects go
//	undo begins ─► the rows in objects of their own again, and checked ─► undone ─► the joined objects go
//
// From the decision on, nobody writes what the plan names again: another process may still
// be about to remove it. A run that made one of these objects leaves it alone; one that
// replaces it uses other names.
type Compaction struct {
	Plan
	Number int // of the partition's, from 0
	// Counts is true once the plan counts, Void once it does not. Neither is true before
	// the decision.
	Counts, Void bool
	// Result are the objects that have all rows of the plan's, nil as long as the plan's
	// own objects have them.
	Result []ManifestObject
	// Undos counts those who began to undo the plan.
	Undos int
	// Undone says where the rows are now, nil as long as Result has them.
	Undone *Undone
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
			return nil, damagedNote(key, folder, err)
		}
		if c.Format != planFormat {
			return nil, fmt.Errorf("%s has the format %d, which this version does not know: use the version that wrote it, or a newer one", key, c.Format)
		}
		if text, ok := notes[noteOf(folder, number, "decision")]; ok {
			if err := c.decided(text); err != nil {
				return nil, err
			}
		}
		if text, ok := notes[noteOf(folder, number, "result")]; ok {
			if err := json.Unmarshal(text, &c.Result); err != nil {
				return nil, damagedNote(noteOf(folder, number, "result"), folder, err)
			}
		}
		if err := c.readUndo(notes); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
}

func damagedNote(key, folder string, err error) error {
	return fmt.Errorf("%s is damaged (%w): restore it, or keep away from the folder %s", key, err, folder)
}

func (c *Compaction) decided(text []byte) error {
	c.Counts, c.Void = string(text) == planCounts, string(text) == planVoid
	if !c.Counts && !c.Void { // else its objects and those that came of it would both count
		return damagedNote(noteOf(c.Folder, c.Number, "decision"), c.Folder, errors.New("it is not a decision"))
	}
	return nil
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
	if err != nil {
		return err
	}
	return c.decided(there)
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
