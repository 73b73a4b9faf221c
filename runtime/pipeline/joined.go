package pipeline

import (
	"context"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Small inputs that a worker maps one after another share its batches: in batches of its own, each would
// repeat all texts that the one before it had. What becomes of an input does not depend on
// that. They are passed on together, since nobody may read a batch that grows.

// sharer is an item that was mapped, and is not passed on.
type sharer struct {
	item   *item
	begins []table.Mark // where its rows begin, by table
}

// smallItems is how many small items make a chunk of the usual size. Larger ones share no batches.
const smallItems = 8

// joins reports whether an item may share batches with others.
func (w *worker) joins(it *item) bool {
	c := w.run.config
	return it.whole && it.size <= c.Read.ChunkBytes/smallItems && c.Events == nil && w.run.mostShared > 0
}

// take maps an item, and those that wait behind it and may share its batches. It returns false if there will be no
// more.
func (w *worker) take(ctx context.Context, it *item, chunks <-chan *item) (more bool, err error) {
	defer w.pass()
	for size := 0; ; {
		if w.shares = w.joins(it); !w.shares {
			w.pass()
		}
		if err := w.apply(ctx, it); err != nil || !w.shares {
			return true, err
		}
		if size += it.size; size >= w.run.config.Read.ChunkBytes {
			return true, nil
		}
		select {
		case next, ok := <-chunks:
			if !ok {
				return false, nil
			}
			it = next
		default:
			return true, nil
		}
	}
}

// join keeps an item that was mapped until those that share its batches are, too.
func (w *worker) join(it *item) {
	w.joined = append(w.joined, sharer{it, w.begins})
	w.begins = make([]table.Mark, len(w.batches))
	for t, b := range w.batches {
		if b != nil {
			w.begins[t] = b.Mark()
		}
	}
}

// most is the most that what became of the current item would weigh in batches of its own.
func (w *worker) most(m *mapped) int {
	n := m.rejects.size() + len(m.unmatched)
	for t, b := range w.batches {
		if b != nil {
			n += w.begins[t].Most(b.Mark())
		}
	}
	return n
}

// leave gives the current item batches of its own, since its weight may matter, and passes on the others.
func (w *worker) leave() {
	w.shares = false
	if len(w.joined) == 0 {
		return
	}
	own := make([]*table.Batch, len(w.batches))
	for t, b := range w.batches {
		if b != nil {
			own[t] = w.copied(t, b, w.begins[t], b.Mark())
		}
	}
	w.pass()
	w.batches = own
}

// copied returns a batch with the rows between two marks of another one, nil if there are none.
func (w *worker) copied(t int, b *table.Batch, begin, end table.Mark) *table.Batch {
	if begin.Row() == end.Row() {
		return nil
	}
	own := w.empty(w.run.fixed, t)
	for row := begin.Row(); row < end.Row(); row++ {
		own.AppendRow(table.Row{Batch: b, Index: row})
	}
	return own
}

// pass passes on the items that share the batches, and gives these up.
func (w *worker) pass() {
	if len(w.joined) == 0 {
		return
	}
	w.releaseFillers()
	for i := range w.joined {
		m := &w.joined[i].item.out
		m.reserved, m.runs = int64(m.rejects.size()+cap(m.unmatched)), make([][]lake.Run, len(w.batches))
	}
	for t, b := range w.batches {
		if b != nil {
			w.split(t, b)
		}
	}
	for i := range w.joined {
		it := w.joined[i].item
		w.run.share.Add(memory.Mapping, it.out.reserved)
		w.done(it)
	}
	clear(w.joined)
	clear(w.batches)
	clear(w.begins)
	w.joined = w.joined[:0]
}

// split gives each item that shares a batch its rows, the last one of them with the batch. One whose rows are of several
// days gets a batch of its own: how they are divided depends on weights.
func (w *worker) split(t int, b *table.Batch) {
	b = w.sealed(t, b)
	last, end := true, w.begins[t]
	for i := len(w.joined) - 1; i >= 0; i-- {
		j := &w.joined[i]
		begin, m := j.begins[t], &j.item.out
		if begin.Row() == end.Row() {
			continue
		}
		runs := lake.PartRuns(b, lake.Part{From: begin.Row(), To: end.Row(), Bytes: begin.Most(end), Last: last})
		if len(runs) > 1 {
			own := w.sealed(t, w.copied(t, b, begin, end))
			runs, m.reserved = lake.Runs(own), m.reserved+int64(own.Reserved())
		} else if last {
			m.reserved, last = m.reserved+int64(b.Reserved()), false
		}
		m.runs[t], end = runs, begin
	}
	if last {
		w.run.pools[t].put(b)
	}
}
