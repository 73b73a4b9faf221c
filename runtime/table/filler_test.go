package table

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: a Filler, which finds contents by the IDs of their cells, fills a batch as
// Append does, which looks at them: the same weight, and the same bytes in the file.
func FuzzFiller(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed, uint16(seed*17))
	}
	f.Fuzz(func(t *testing.T, seed uint64, rows uint16) {
		m := newMaker(seed)
		l := m.layout()
		mix := newMixer(m, l)
		s := NewSchema(l)
		filler, found, plain := s.NewFiller(), s.NewBatch(), s.NewBatch()
		for range 3 {
			found.Reset()
			plain.Reset()
			for range int(rows % 700) {
				filler.Append(found, mix.event(true))
				plain.Append(mix.event(false))
			}
			if found.Bytes() != plain.Bytes() {
				t.Fatalf("%d rows weigh %d bytes, and %d with all texts looked at", found.Rows(), found.Bytes(), plain.Bytes())
			}
			if got, want := write(t, s, allRows(found), 1000, Options{}), write(t, s, allRows(plain), 1000, Options{}); !bytes.Equal(got, want) {
				t.Fatalf("the files of %d rows differ", found.Rows())
			}
		}
	})
}

func allRows(b *Batch) (rows []Row) {
	for i := range b.Rows() {
		rows = append(rows, Row{b, i})
	}
	return rows
}

// mixer makes events of a few attributes that come again and again, with numbers that
// stand for their contents.
type mixer struct {
	*maker
	layout *ocsf.Layout
	made   []*ocsf.Event
	out    [2]*ocsf.Event
	ids    map[string]uint32
}

func newMixer(m *maker, l *ocsf.Layout) *mixer {
	x := &mixer{maker: m, layout: l, ids: map[string]uint32{}, out: [2]*ocsf.Event{ocsf.NewEvent(l), ocsf.NewEvent(l)}}
	for range 1 + m.IntN(40) {
		e := ocsf.NewEvent(l)
		m.event(e)
		x.made = append(x.made, e)
	}
	return x
}

// event makes an event with numbers, and then the same one without.
func (x *mixer) event(numbered bool) *ocsf.Event {
	if !numbered {
		return x.out[1]
	}
	for _, f := range x.layout.Fields {
		from, to := f.Cell, lastOf(f)+1
		cells := x.made[x.IntN(len(x.made))].Cells[from:to]
		for _, e := range x.out {
			copy(e.Cells[from:to], cells)
		}
	}
	x.number(x.layout.Fields, x.out[0].Cells)
	return x.out[0]
}

// lastOf returns the last cell of a field in its record.
func lastOf(f *ocsf.Field) int {
	last := f.Cell
	if !f.List {
		for _, c := range f.Children {
			last = max(last, lastOf(c))
		}
	}
	return last
}

// number gives most cells the number of their contents.
func (x *mixer) number(fields []*ocsf.Field, cells []ocsf.Cell) {
	for _, f := range fields {
		contents := fmt.Sprint(f.Cell, eventCells(cells[f.Cell:lastOf(f)+1]))
		if !f.List {
			x.number(f.Children, cells)
		}
		c := &cells[f.Cell]
		c.ID = 0
		if x.IntN(8) == 0 {
			continue
		}
		if x.ids[contents] == 0 {
			x.ids[contents] = uint32(len(x.ids)+1) * 2654435761
		}
		c.ID = x.ids[contents]
	}
}

// eventCells is what cells hold, without their numbers.
func eventCells(cells []ocsf.Cell) string {
	var out bytes.Buffer
	for _, c := range cells {
		if c.Set {
			fmt.Fprintf(&out, "%d %q %v %v;", c.Num, c.Text, c.Pairs, c.Items)
		}
		out.WriteByte(',')
	}
	return out.String()
}
