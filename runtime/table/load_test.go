package table

import (
	"bytes"
	"errors"
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
