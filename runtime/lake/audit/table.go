package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake/stats"
	"github.com/sluice-lake/sluice/runtime/table/glue"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// table is the custom source that objects come from.
type table struct {
	folder  string
	shapes  []shape
	more    int64            // objects of schemas beyond those
	classes map[int64]string // of objects, by class_uid: the first of each
}

// shape is a schema with the objects that have it.
type shape struct {
	text    string
	columns []glue.Column
	first   string // key
	objects int64
}

// mostShapes is how many schemas of a table are told apart, mostClasses how many classes.
const (
	mostShapes  = 32
	mostClasses = 16
)

func (t *table) add(o *judged) {
	if t.classes == nil {
		t.classes = map[int64]string{}
	}
	if _, seen := t.classes[o.report.Class]; !seen && o.report.Class >= 0 && len(t.classes) < mostClasses {
		t.classes[o.report.Class] = o.Key
	}
	if o.report.Columns == nil {
		return
	}
	text := fmt.Sprint(o.report.Columns)
	for i := range t.shapes {
		if t.shapes[i].text == text {
			t.shapes[i].objects++
			return
		}
	}
	if len(t.shapes) == mostShapes {
		t.more++
		return
	}
	t.shapes = append(t.shapes, shape{text, o.report.Columns, o.Key, 1})
}

// endTable judges the table as a whole.
func (a *audit) endTable() error {
	t := &a.table
	usual := t.usual()
	for i := range t.shapes {
		if i == usual {
			continue
		}
		if f := t.disagreement(&t.shapes[usual], &t.shapes[i]); f != nil {
			if err := a.found(f); err != nil {
				return err
			}
		}
	}
	return a.oneClass(t)
}

// usual is the schema that most objects have.
func (t *table) usual() (most int) {
	for i := range t.shapes {
		if t.shapes[i].objects > t.shapes[most].objects {
			most = i
		}
	}
	return most
}

// disagreement says where two schemas cannot be those of one table. Columns that only one
// of them has are absent in the other objects, which breaks nothing.
func (t *table) disagreement(usual, other *shape) *verify.Fault {
	for _, change := range glue.Changes(usual.columns, other.columns) {
		if !change.Breaks || !strings.Contains(change.Path, ".") && strings.HasSuffix(change.What, "is gone") {
			continue
		}
		f := verify.NewFault(other.first, verify.Table, fmt.Sprintf("its schema is another one than that of %d objects of the source, such as %s: there %s", usual.objects, usual.first, change.What),
			"write its objects with the mapping of the others, or into a custom source of their own")
		f.Column, f.Times = change.Path, other.objects
		return f
	}
	return nil
}

// oneClass reports the first object of each class but the first, in the order of their keys.
func (a *audit) oneClass(t *table) error {
	classes := slices.SortedFunc(maps.Keys(t.classes), func(x, y int64) int { return strings.Compare(t.classes[x], t.classes[y]) })
	if len(classes) < 2 {
		return nil
	}
	first := classes[0]
	for _, class := range classes[1:] {
		f := verify.NewFault(t.classes[class], verify.Class, fmt.Sprintf("it is of class %d, and %s of the same custom source of %d", class, t.classes[first], first),
			"write each class to a custom source of its own")
		if err := a.found(f); err != nil {
			return err
		}
	}
	return nil
}

// folder is the partition that objects come from.
type folder struct {
	name  string
	names map[string]int64 // of the objects that are there, with their bytes
}

func (f *folder) add(name string, bytes int64) {
	f.names[name] = bytes
}

func (f *folder) enter(name string) { *f = folder{name, map[string]int64{}} }

// enter moves on to the partition of an object, and ends the one before it.
func (a *audit) enter(ctx context.Context, at key) error {
	if at.folder == "" || at.folder == a.folder.name {
		return nil
	}
	if err := a.endFolder(ctx); err != nil {
		return err
	}
	a.folder.enter(at.folder)
	if at.table != a.table.folder {
		if err := a.endTable(); err != nil {
			return err
		}
		a.table = table{folder: at.table}
	}
	return a.enterLedger(ctx)
}

// endFolder judges a partition as a whole.
func (a *audit) endFolder(ctx context.Context) error {
	f := &a.folder
	if f.name == "" {
		return nil
	}
	var sizes []int64
	for _, bytes := range f.names {
		sizes = append(sizes, bytes)
	}
	if stats.AreSmall(sizes) {
		fault := verify.NewFault(f.name, verify.ObjectSize, fmt.Sprintf("the day has %d objects, most of them small", len(sizes)), "join them with `sluice compact`")
		if err := a.found(fault); err != nil {
			return err
		}
	}
	if a.Ledger == nil || a.Only != "" {
		return nil
	}
	return a.compactions()
}
