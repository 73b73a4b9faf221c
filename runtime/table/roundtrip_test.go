package table

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// write makes a file of the rows, each row group of at most perGroup of them.
func write(t testing.TB, s *Schema, rows []Row, perGroup int, o Options) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, s, o)
	for len(rows) > 0 {
		n := min(perGroup, len(rows))
		g, err := s.Encode(rows[:n], o)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Commit(g); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if w.Written() != int64(out.Len()) {
		t.Fatalf("Written says %d of %d bytes", w.Written(), out.Len())
	}
	return out.Bytes()
}

func readRows(t testing.TB, data []byte) []string {
	t.Helper()
	rows := []string{}
	for row, err := range inspect.Rows(bytes.NewReader(data), int64(len(data)), -1) {
		if err != nil {
			t.Fatalf("row %d: %v", len(rows), err)
		}
		rows = append(rows, string(row))
	}
	return rows
}

// FuzzRoundTrip states the law of this package: an event written and read back
// is the same event, for any layout, event, bounds, and order of rows from
// several batches, by this package's reader of batches, by package inspect and
// by Apache Arrow.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint16(seed*7), uint32(seed*997), uint32(seed*313))
	}
	f.Fuzz(func(t *testing.T, seed uint64, events uint16, pageBytes, dictionaryBytes uint32) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		n := int(events % 400)
		rows, want := m.rows(t, s, l, n)
		data := write(t, s, rows, 1+n/(1+m.IntN(3)), Options{
			PageBytes: int(pageBytes % 20000), PageRows: m.IntN(3) * 37, DictionaryBytes: int(dictionaryBytes % 5000),
		})
		got, _ := arrowRows(t, data)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("arrow reads other rows (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, readRows(t, data)); diff != "" {
			t.Errorf("package inspect reads other rows (-want +got):\n%s", diff)
		}
		checkFacts(t, data, len(want))
	})
}

// rows makes n events, puts them into a few batches, and returns them shuffled
// a little with their JSON.
func (m *maker) rows(t testing.TB, s *Schema, l *ocsf.Layout, n int) ([]Row, []string) {
	ev, reader := ocsf.NewEvent(l), s.NewEventReader()
	batches := []*Batch{s.NewBatch(), s.NewBatch(), s.NewBatch()}
	m.event(ev)
	batches[0].Append(ev)
	batches[0].Reset() // leaves nothing behind
	rows, want := []Row{}, []string{}
	for i := range n {
		b := batches[i*len(batches)/n]
		m.event(ev)
		b.Append(ev)
		rows = append(rows, Row{b, b.Rows() - 1})
		want = append(want, eventJSON(ev))
	}
	for range m.IntN(1 + n/4) {
		i, j := m.IntN(n), m.IntN(n)
		rows[i], rows[j] = rows[j], rows[i]
		want[i], want[j] = want[j], want[i]
	}
	for i, r := range rows {
		back := reader.Read(r)
		if got := eventJSON(back); got != want[i] {
			t.Fatalf("row %d of a batch is\n%s\nand was\n%s", r.Index, got, want[i])
		}
		if r.Batch.Time(r.Index) != back.Time() {
			t.Fatalf("Time is %d and was %d", r.Batch.Time(r.Index), back.Time())
		}
	}
	return rows, want
}

func checkFacts(t testing.TB, data []byte, rows int) {
	t.Helper()
	facts := factsOf(t, data)
	if facts.Rows != int64(rows) {
		t.Errorf("Inspect says %d rows of %d", facts.Rows, rows)
	}
	total := int64(0)
	for _, g := range facts.Groups {
		total += g.Rows
	}
	if total != int64(rows) {
		t.Errorf("the row groups have %d rows of %d", total, rows)
	}
}
