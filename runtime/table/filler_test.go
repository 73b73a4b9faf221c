package table

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: a Filler, which finds contents by the IDs of their cells, fills a batch as
// Append does, which looks at them: the same weight, the same bytes in the file, the same
// events, also where rows of another source follow, whose IDs stand for other contents.
func FuzzFiller(f *testing.F) {
	for seed := range uint64(60) {
		f.Add(seed, uint16(seed*17), seed%3 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, rows uint16, several bool) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		sources := []*mixer{newMixer(m, l), newMixer(m, l)}
		fillers := []*Filler{s.NewFiller(), s.NewFiller()}
		found, plain := s.NewBatch(), s.NewBatch()
		var sealed *Batch
		for range 3 {
			found.Reset()
			plain.Reset()
			for _, x := range sources {
				x.rows = m.IntN(2) * m.IntN(1000)
			}
			source, marks := 0, []Mark{{}}
			for range int(rows % 700) {
				if several && m.IntN(100) == 0 {
					source = 1 - source
				}
				if m.IntN(150) == 0 {
					fillers[m.IntN(2)].Release() // takes the tables of texts away
				}
				fillers[source].Append(found, sources[source].event(true))
				plain.Append(sources[source].event(false))
				marks = append(marks, found.Mark())
			}
			sameBatches(t, s, found, plain)
			for range 3 {
				a, b := m.IntN(len(marks)), m.IntN(len(marks))
				samePart(t, s, found, marks[min(a, b)], marks[max(a, b)])
			}
			if found.Rows() > 0 {
				sealed = sameSealed(t, s, found, plain, sealed, fillers)
			}
		}
	})
}

func sameBatches(t *testing.T, s *Schema, found, plain *Batch) {
	t.Helper()
	if found.Bytes() != plain.Bytes() {
		t.Fatalf("%d rows weigh %d bytes, and %d with all texts looked at", found.Rows(), found.Bytes(), plain.Bytes())
	}
	want := write(t, s, allRows(plain), 1000, Options{})
	if !bytes.Equal(write(t, s, allRows(found), 1000, Options{}), want) {
		t.Fatalf("the files of %d rows differ", found.Rows())
	}
	for order := range uint8(4) {
		sort := func(b *Batch) []Row { return disorder(allRows(b), order, rand.New(rand.NewPCG(7, 7))) }
		if !bytes.Equal(write(t, s, sort(found), 300, Options{}), write(t, s, sort(plain), 300, Options{})) {
			t.Fatalf("the files of %d rows in another order differ", found.Rows())
		}
	}
	events, of, copied := s.NewEventReader(), s.NewEventReader(), s.NewBatch()
	for i := range found.Rows() {
		if got, want := eventJSON(events.Read(Row{found, i})), eventJSON(of.Read(Row{plain, i})); got != want {
			t.Fatalf("row %d is\n%s\nand was\n%s", i, got, want)
		}
		if found.Time(i) != plain.Time(i) {
			t.Fatalf("row %d is of %d, and was of %d", i, found.Time(i), plain.Time(i))
		}
		copied.AppendRow(Row{found, i})
	}
	if !bytes.Equal(write(t, s, allRows(copied), 1000, Options{}), want) {
		t.Fatalf("the file of %d copied rows differs", found.Rows())
	}
}

// samePart: rows of a batch give the file that they give in a batch of their own, where they weigh no
// more than Most says.
func samePart(t *testing.T, s *Schema, b *Batch, begin, end Mark) {
	t.Helper()
	own, rows := s.NewBatch(), allRows(b)[begin.Row():end.Row()]
	for _, row := range rows {
		own.AppendRow(row)
	}
	if most := begin.Most(end); own.Bytes() > most {
		t.Fatalf("%d rows weigh %d bytes in a batch of their own, and %d at most", len(rows), own.Bytes(), most)
	}
	if !bytes.Equal(write(t, s, rows, 300, Options{}), write(t, s, allRows(own), 300, Options{})) {
		t.Fatalf("%d rows of a batch of %d give another file", len(rows), b.Rows())
	}
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
	none   *ocsf.Event
	out    [2]*ocsf.Event
	ids    map[string]uint32
	// One in so many cells has no number.
	nameless int
	rows     int
	steady   []span // for each attribute, the rows that have the first event's, and those that have any
	unlike   bool   // maps have many values that never come again
}

func newMixer(m *maker, l *ocsf.Layout) *mixer {
	x := &mixer{maker: m, layout: l, none: ocsf.NewEvent(l), nameless: 8 + m.IntN(2)*100_000, ids: map[string]uint32{}, out: [2]*ocsf.Event{ocsf.NewEvent(l), ocsf.NewEvent(l)}}
	for range 1 + m.IntN(40) {
		e := ocsf.NewEvent(l)
		m.event(e)
		x.made = append(x.made, e)
	}
	for i := range x.made[0].Cells {
		c := &x.made[0].Cells[i]
		if m.large && c.Text != "" {
			c.Text = strings.Repeat(c.Text, 1+longestShared/len(c.Text))
		}
		if m.large && len(c.Pairs) > 0 {
			p := &c.Pairs[m.IntN(len(c.Pairs))]
			p.Value = strings.Repeat("long", 1+longestShared/4)
		}
	}
	x.unlike = m.IntN(3) == 0
	for range l.Fields {
		steady := span{int32(m.IntN(2) * m.IntN(500)), math.MaxInt32}
		if m.IntN(4) == 0 {
			steady.to = steady.from // and then none
		}
		x.steady = append(x.steady, steady)
	}
	return x
}

// event makes an event with numbers, and then the same one without numbers that mean anything.
func (x *mixer) event(numbered bool) *ocsf.Event {
	if !numbered {
		return x.out[1]
	}
	x.rows++
	for i, f := range x.layout.Fields {
		from, to := f.Cell, lastOf(f)+1
		cells := x.made[x.IntN(len(x.made))].Cells[from:to]
		switch steady := x.steady[i]; {
		case x.rows <= int(steady.from):
			cells = x.made[0].Cells[from:to]
		case x.rows > int(steady.to):
			cells = x.none.Cells[from:to]
		}
		for _, e := range x.out {
			copy(e.Cells[from:to], cells)
		}
	}
	x.pairs(x.layout.Fields)
	x.number(x.layout.Fields, x.out[0].Cells)
	for i := range x.out[1].Cells {
		x.out[1].Cells[i].ID = 1 // means nothing without a Filler
	}
	return x.out[0]
}

// pairs makes the maps of the event anew, of entries that came together before.
func (x *mixer) pairs(fields []*ocsf.Field) {
	for _, f := range fields {
		if f.List || !x.out[0].Cells[f.Cell].Set {
			continue
		}
		x.pairs(f.Children)
		if len(f.Children) > 0 || f.Attribute.Type.Kind != ocsf.Open {
			continue
		}
		var made []ocsf.Pair
		for range x.IntN(5) {
			made = x.appendPairs(made, f)
		}
		x.out[0].Cells[f.Cell].Pairs = made
		x.out[1].Cells[f.Cell].Pairs = x.plain(made)
	}
}

// plain returns entries one by one, or in groups whose number means nothing without a Filler.
func (x *mixer) plain(pairs []ocsf.Pair) (plain []ocsf.Pair) {
	plain = alert.AppendSingly(nil, pairs)
	if n := len(plain); n > 0 && x.IntN(2) == 0 {
		n = 1 + x.IntN(n)
		plain = append([]ocsf.Pair{{Group: &ocsf.Group{ID: 1, Leaves: slices.Clone(plain[:n])}}}, plain[n:]...)
	}
	return plain
}

// appendPairs appends a few entries that another event has, most of them with their number.
func (x *mixer) appendPairs(dst []ocsf.Pair, f *ocsf.Field) []ocsf.Pair {
	if x.unlike {
		for range x.IntN(12) {
			p := ocsf.Pair{Key: "k" + strconv.Itoa(x.IntN(9)), Value: strconv.FormatUint(x.Uint64(), 36)}
			if x.large && x.IntN(3) == 0 {
				p.Key = strings.Repeat(p.Key, longestShared)
			}
			dst = append(dst, p)
		}
	}
	all := x.made[x.IntN(len(x.made))].Cells[f.Cell].Pairs
	if len(all) == 0 {
		return dst
	}
	from := x.IntN(len(all))
	some := slices.Clone(all[from : from+1+x.IntN(len(all)-from)])
	if contents := fmt.Sprint("pairs", f.Cell, some); x.IntN(x.nameless) > 0 {
		if x.ids[contents] == 0 {
			x.ids[contents] = uint32(len(x.ids)+1) * 2654435761
		}
		return append(dst, ocsf.Pair{Group: &ocsf.Group{ID: x.ids[contents], Leaves: some}})
	}
	return append(dst, some...)
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
		if x.IntN(x.nameless) == 0 {
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
			fmt.Fprintf(&out, "%d %q %v %v;", c.Num, c.Text, alert.AppendSingly(nil, c.Pairs), c.Items)
		}
		out.WriteByte(',')
	}
	return out.String()
}
