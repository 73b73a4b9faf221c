package table

import "testing"

// TestFillerLends: a batch that is filled has no tables of texts any more, and the next one gets
// them, empty. Rows that go into the first one later find its texts nevertheless.
func TestFillerLends(t *testing.T) {
	l := findingLayout()
	s, evs := NewSchema(l), findings(l, 200)
	f := s.NewFiller()
	tables := func(b *Batch) (n int) {
		for i := range b.cols {
			if t := b.cols[i].texts; t != nil {
				n += len(t.slots)
			}
		}
		return n
	}
	fill := func(b *Batch) (of int) {
		for _, ev := range evs {
			f.Append(b, ev)
		}
		of = tables(b)
		f.Release()
		return of
	}
	first, second := s.NewBatch(), s.NewBatch()
	lent := fill(first)
	if again := fill(second); lent == 0 || again != lent || tables(first)+tables(second) != 0 {
		t.Errorf("tables of %d and %d slots, afterwards %d and %d", lent, again, tables(first), tables(second))
	}
	if first.Bytes() != second.Bytes() {
		t.Errorf("the same rows weigh %d and %d", first.Bytes(), second.Bytes())
	}
	plain := s.NewBatch()
	for range 2 {
		for _, ev := range evs {
			plain.Append(ev)
		}
	}
	if fill(first); first.Bytes() != plain.Bytes() {
		t.Errorf("with rows that came later it weighs %d, and %d if they came at once", first.Bytes(), plain.Bytes())
	}
}
