package table

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// loadAll reads a file into batches, of so many row groups each, and returns its rows.
func loadAll(t *testing.T, data []byte, s *Schema, perBatch int) (rows []Row, batches []*Batch) {
	t.Helper()
	f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	file := NewFile(f)
	for group := range file.Groups() {
		if group%perBatch == 0 {
			batches = append(batches, s.NewBatch())
		}
		b := batches[len(batches)-1]
		from := b.Rows()
		if err := b.AppendGroup(file, group); err != nil {
			t.Fatal(err)
		}
		for i := from; i < b.Rows(); i++ {
			rows = append(rows, Row{b, i})
		}
	}
	return rows, batches
}

func schemaOf(t *testing.T, data []byte) *Schema {
	t.Helper()
	f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewFile(f).Schema()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzAppendGroup states the law of rows that are read back: a file of the rows of a file,
// in the same row groups, is the same file to the byte, whichever batches hold them; and
// rows that are read into the batches of a layout are its events.
func FuzzAppendGroup(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint16(seed*7), uint32(seed*997), uint32(seed*313))
	}
	f.Fuzz(func(t *testing.T, seed uint64, events uint16, pageBytes, dictionaryBytes uint32) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		n := int(events % 700)
		rows, want := m.rows(t, s, l, n)
		perGroup := 1 + n/(1+m.IntN(3))
		o := Options{PageBytes: int(pageBytes % 20000), PageRows: m.IntN(3) * 37, DictionaryBytes: int(dictionaryBytes % 5000)}
		data := write(t, s, rows, perGroup, o)
		again := schemaOf(t, data)
		loaded, batches := loadAll(t, data, again, 1+m.IntN(3))
		if got := write(t, again, loaded, perGroup, o); !bytes.Equal(got, data) {
			t.Errorf("written again, the file differs:\n%s", cmp.Diff(readRows(t, data), readRows(t, got)))
		}
		ofLayout, _ := loadAll(t, data, s, 2)
		reader := s.NewEventReader()
		for i, row := range ofLayout {
			if got := eventJSON(reader.Read(row)); got != want[i] {
				t.Fatalf("row %d is\n%s\nand was\n%s", i, got, want[i])
			}
		}
		for _, b := range batches {
			copied := again.NewBatch()
			for i := range b.Rows() {
				copied.AppendRow(Row{b, i})
			}
			if b.Rows() < trialRows && b.Bytes() != copied.Bytes() {
				t.Errorf("%d rows weigh %d bytes; copied one by one, %d", b.Rows(), b.Bytes(), copied.Bytes())
			}
		}
	})
}

// The sum of rows is that of any order and division of them, and of no others.
func FuzzSumRows(f *testing.F) {
	for seed := range uint64(30) {
		f.Add(seed, uint16(seed*11))
	}
	f.Fuzz(func(t *testing.T, seed uint64, events uint16) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, _ := m.rows(t, s, l, 2+int(events%200))
		sum := func(rows ...Row) (all inspect.Sum) {
			data := write(t, s, rows, 1+m.IntN(len(rows)+1), Options{})
			all, err := inspect.SumRows(bytes.NewReader(data), int64(len(data)), nil)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		whole := sum(rows...)
		cut := m.IntN(len(rows))
		parts := sum(rows[cut:]...)
		parts.Add(sum(rows[:cut]...))
		if parts != whole || whole.Rows != int64(len(rows)) {
			t.Errorf("%d rows have the sum %v, and in two parts %v", len(rows), whole, parts)
		}
		other := ocsf.NewEvent(l)
		m.event(other)
		b := s.NewBatch()
		b.Append(other)
		changed := append(append([]Row{}, rows[:cut]...), rows[cut+1:]...)
		if eventJSON(other) != eventJSON(s.NewEventReader().Read(rows[cut])) {
			changed = append(changed, Row{b, 0})
		}
		if sum(changed...) == whole {
			t.Error("other rows have the same sum")
		}
	})
}

// A file of other types is refused, before anything of it is read.
func TestForeignSchema(t *testing.T) {
	l := findingLayout()
	s := NewSchema(l)
	data := write(t, s, nil, 1, Options{})
	f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata().Schema[1].RepetitionType.Valid = false
	if _, err := NewFile(f).Schema(); !errors.Is(err, ErrForeign) {
		t.Errorf("a column without repetition: %v", err)
	}
}

// TestRequiredColumns: the pages of a column that is never absent have no definition levels, in files of
// others and in those that are made of them.
func TestRequiredColumns(t *testing.T) {
	type row struct {
		Time int64    `parquet:"time"`
		Name string   `parquet:"name"`
		Tags []string `parquet:"tags"`
	}
	var want []row
	for i := range 100 {
		want = append(want, row{int64(i), noise(i), slices.Repeat([]string{noise(i % 7)}, i%4)})
	}
	sameAgain(t, want)
}

// TestListsThatDisagree: the columns of a list must have the same entries. A file in which
// they do not is an error, not a panic, and not other rows.
func TestListsThatDisagree(t *testing.T) {
	l := layout(listOf(object("l", scalar("a", ocsf.Long), scalar("b", ocsf.Long))))
	tests := []struct {
		name       string
		reps, base []uint8
		ends       []uint32
		want       string
	}{
		{"fewer entries", []uint8{0, 1}, []uint8{4, 4}, []uint32{2, 2}, "column l.list.element.b has other entries than the columns before it in its list"},
		{"more entries", []uint8{0, 1, 0, 1}, []uint8{4, 4, 4, 4}, []uint32{2, 4}, "column l.list.element.b: a page has other entries than the columns before it in its list"},
		{"others", []uint8{0, 0, 1}, []uint8{4, 4, 4}, []uint32{1, 3}, "column l.list.element.b: a page has other entries than the columns before it in its list"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := NewSchema(l)
			b := s.NewBatch()
			for range 2 {
				b.Append(ocsf.NewEvent(l))
			}
			b.lists[0] = entries{reps: []uint8{0, 1, 0}, base: []uint8{4, 4, 4}, ends: []uint32{2, 3}}
			b.lists = append(b.lists, entries{reps: test.reps, base: test.base, ends: test.ends})
			s.leaves[1].list = 1
			data := write(t, s, []Row{{b, 0}, {b, 1}}, 2, Options{})
			f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			err = schemaOf(t, data).NewBatch().AppendGroup(NewFile(f), 0)
			if err == nil || err.Error() != test.want {
				t.Errorf("%v, and want %s", err, test.want)
			}
		})
	}
}

// TestLevelsThatDisagree: a group is there in all its columns or in none. A file that says something
// else of a row, or of an item, is an error.
func TestLevelsThatDisagree(t *testing.T) {
	group := object("g", scalar("a", ocsf.Long), scalar("b", ocsf.Long))
	for name, l := range map[string]*ocsf.Layout{"g.b": layout(group), "l.list.element.g.b": layout(listOf(object("l", group)))} {
		for _, value := range []bool{false, true} {
			s := NewSchema(l)
			s.branches = append(s.branches, s.branches[0])
			s.leaves[1].branch = 1 // says that the group is absent
			b, ev := s.NewBatch(), ocsf.NewEvent(l)
			cells, fields := ev.Cells, l.Fields
			if fields[0].List {
				cells[fields[0].Cell].Set = true
				cells, fields = cells[fields[0].Cell].Add(fields[0].ItemCells).Cells, fields[0].Children
			}
			cells[fields[0].Cell].Set = true
			b.Append(ev)
			if value {
				b.branches[0], b.branches[1] = nil, b.branches[0]
				b.cols[1].there, b.cols[1].nums = presence{{has: 1}}, []int64{5}
			}
			data := write(t, s, []Row{{b, 0}}, 1, Options{})
			f, err := inspect.Open(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			err = schemaOf(t, data).NewBatch().AppendGroup(NewFile(f), 0)
			if want := "column " + name + ": a page has other levels than the columns before it"; err == nil || err.Error() != want {
				t.Errorf("with a value: %v: %v, and want %s", value, err, want)
			}
		}
	}
}
