package table

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// FuzzAppendRow states the law of copied rows: a batch of rows copied from other
// batches is the batch of their events, by its events, its files and its weight.
func FuzzAppendRow(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint16(seed*7))
	}
	f.Fuzz(func(t *testing.T, seed uint64, events uint16) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, want := m.rows(t, s, l, int(events%400))
		appended, copied := s.NewBatch(), s.NewBatch()
		ev := ocsf.NewEvent(l)
		m.event(ev)
		first := s.NewBatch()
		first.Append(ev)
		copied.AppendRow(Row{first, 0})
		copied.Reset() // leaves nothing behind
		from, to := s.NewEventReader(), s.NewEventReader()
		var ofAppended, ofCopied []Row
		for i, r := range rows {
			appended.Append(from.Read(r))
			copied.AppendRow(r)
			ofAppended, ofCopied = append(ofAppended, Row{appended, i}), append(ofCopied, Row{copied, i})
			if got := eventJSON(to.Read(ofCopied[i])); got != want[i] {
				t.Fatalf("row %d is\n%s\nand was\n%s", i, got, want[i])
			}
		}
		if appended.Rows() != copied.Rows() || appended.Bytes() != copied.Bytes() {
			t.Errorf("%d rows of %d bytes; copied, %d of %d", appended.Rows(), appended.Bytes(), copied.Rows(), copied.Bytes())
		}
		if !bytes.Equal(write(t, s, ofAppended, 100, Options{}), write(t, s, ofCopied, 100, Options{})) {
			t.Error("copied rows give another file")
		}
		if diff := cmp.Diff(want, readRows(t, write(t, s, ofCopied, 100, Options{}))); diff != "" {
			t.Errorf("copied rows are others (-want +got):\n%s", diff)
		}
	})
}

// TestAppendRowAllocates nothing once a batch is warm.
func TestAppendRowAllocates(t *testing.T) {
	l := findingLayout()
	s := NewSchema(l)
	from, to := s.NewBatch(), s.NewBatch()
	for _, ev := range findings(l, 200) {
		from.Append(ev)
	}
	fill := func() {
		to.Reset()
		for i := range from.Rows() {
			to.AppendRow(Row{from, i})
		}
	}
	fill()
	if n := testing.AllocsPerRun(10, fill); n > 0 {
		t.Errorf("%v allocations for %d rows", n, from.Rows())
	}
}
