package table

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// TestLevels pins the levels of a layout that has each kind of nesting once:
// rows of entries "repetition definition" or "repetition definition=value".
func TestLevels(t *testing.T) {
	l := layout(
		object("g", scalar("n", ocsf.Long)),
		listOf(object("l", listOf(scalar("s", ocsf.String)), scalar("x", ocsf.Open))),
	)
	n, list, open := at(l.Fields, "g", "n"), at(l.Fields, "l", "s"), at(l.Fields, "l", "x")
	item := func(ev *ocsf.Event) *ocsf.Record {
		c := &ev.Cells[at(l.Fields, "l").Cell]
		c.Set = true
		return c.Add(at(l.Fields, "l").ItemCells)
	}
	texts := func(r *ocsf.Record, ss ...string) {
		c := &r.Cells[list.Cell]
		c.Set = true
		for _, s := range ss {
			cell := &c.Add(1).Cells[0]
			cell.Set, cell.Text = s != "", s
		}
	}
	tests := []struct {
		name       string
		fill       func(ev *ocsf.Event)
		n, s, k, v string
	}{
		{"nothing", func(*ocsf.Event) {}, "0 0", "0 0", "0 0", "0 0"},
		{"an empty group", func(ev *ocsf.Event) { ev.Cells[at(l.Fields, "g").Cell].Set = true }, "0 1", "0 0", "0 0", "0 0"},
		{"a value in a group", func(ev *ocsf.Event) {
			ev.Cells[at(l.Fields, "g").Cell].Set = true
			setNum(&ev.Record, n, 7)
		}, "0 2=7", "0 0", "0 0", "0 0"},
		{"an empty list", func(ev *ocsf.Event) { ev.Cells[at(l.Fields, "l").Cell].Set = true }, "0 0", "0 1", "0 1", "0 1"},
		{"empty items", func(ev *ocsf.Event) { item(ev); item(ev) }, "0 0", "0 3, 1 3", "0 3, 1 3", "0 3, 1 3"},
		{"an empty list in a list", func(ev *ocsf.Event) { texts(item(ev)) }, "0 0", "0 4", "0 3", "0 3"},
		{"lists in lists", func(ev *ocsf.Event) {
			texts(item(ev), "a", "", "b")
			item(ev)
			texts(item(ev), "c")
		}, "0 0", "0 6=a, 2 5, 2 6=b, 1 3, 1 6=c", "0 3, 1 3, 1 3", "0 3, 1 3, 1 3"},
		{"maps in a list", func(ev *ocsf.Event) {
			for i := range 2 {
				c := &item(ev).Cells[open.Cell]
				c.Set = true
				for j := range 2 - i {
					c.Pairs = append(c.Pairs, ocsf.Pair{Key: fmt.Sprint("k", j), Value: fmt.Sprint("v", i, j)})
				}
			}
			item(ev).Cells[open.Cell].Set = true
		}, "0 0", "0 3, 1 3, 1 3", "0 5=k0, 2 5=k1, 1 5=k0, 1 4", "0 6=v0 0, 2 6=v0 1, 1 6=v1 0, 1 4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ev := ocsf.NewEvent(l)
			test.fill(ev)
			b := NewSchema(l).NewBatch()
			b.Append(ev)
			got := []string{levelsOf(b, 0), levelsOf(b, 1), levelsOf(b, 2), levelsOf(b, 3)}
			if diff := cmp.Diff([]string{test.n, test.s, test.k, test.v}, got); diff != "" {
				t.Errorf("columns g.n, l.s, l.x.key, l.x.value (-want +got):\n%s", diff)
			}
		})
	}
}

// levelsOf writes the entries of the only row of a batch down.
func levelsOf(b *Batch, leaf int) (s string) {
	e := &encoder{schema: b.schema, rows: 1, column: leaf, leaf: &b.schema.leaves[leaf], ordinals: map[*Batch]int{}, list: flat}
	if err := e.plan([]Row{{b, 0}}); err != nil {
		return err.Error()
	}
	if e.gather(); e.leaf.role != member {
		e.expand()
	}
	for i, def := range e.defs {
		if i > 0 {
			s += ", "
		}
		rep := uint8(0)
		if e.leaf.list != flat {
			rep = e.reps[i]
		}
		s += fmt.Sprintf("%d %d", rep, def)
		switch {
		case def < e.leaf.maxDef:
		case e.leaf.physical == format.ByteArray:
			s += "=" + b.cols[leaf].texts.at(e.ids[0])
			e.ids = e.ids[1:]
		default:
			s += fmt.Sprintf("=%d", e.nums[0])
			e.nums = e.nums[1:]
		}
	}
	return s
}
