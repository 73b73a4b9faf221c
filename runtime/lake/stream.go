package lake

import (
	"cmp"
	"math"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// stream is the rows of one table and day on their way into objects:
// held back, sorted, given out.
type stream struct {
	streamKey
	partition Partition

	rows    []entry
	starts  []int // where the ascending runs in rows begin
	batches []*held
	tail    *held // the batch that rows of small runs are copied into

	bytes  int64 // weight of batches
	wasted int64 // the part of it that belongs to rows no longer in rows

	given   bool  // some rows were given out since the object began
	horizon int64 // time of the last of them
	fresh   bool  // the next group must not join the object before it
	used    int   // when rows were added last, by the Appender's clock
}

// floor is the time before which a row is too late for this stream.
func (s *stream) floor() int64 {
	if !s.given {
		return math.MinInt64
	}
	return s.horizon
}

// late is how many of the rows, which ascend, are too late for this stream.
func (s *stream) late(rows []entry) int {
	n, _ := slices.BinarySearchFunc(rows, s.floor(), func(e entry, t int64) int { return cmp.Compare(e.time, t) })
	return n
}

// take adds a run whose batch this stream has for itself.
func (s *stream) take(run Run) {
	s.own(run.batch)
	s.add(run.rows)
}

func (s *stream) own(h *held) {
	s.batches = append(s.batches, h)
	s.bytes += h.bytes
	s.wasted += h.waste()
}

// waste is the weight of the rows that nobody waits for any more.
func (h *held) waste() int64 { return h.bytes * int64(h.rows-h.left) / int64(max(h.rows, 1)) }

func (s *stream) add(rows []entry) {
	if n := len(s.rows); n == 0 || rows[0].time < s.rows[n-1].time {
		s.starts = append(s.starts, n)
	}
	s.rows = append(s.rows, rows...)
}

// copy adds a run by copying its rows to the tail, so that its batch is not
// held for a few rows.
func (s *stream) copy(run Run, schema *table.Schema) {
	if s.tail == nil {
		s.tail = hold(schema.NewBatch())
		s.own(s.tail)
	}
	h := s.tail
	copies := h.copy(run.rows)
	s.bytes += weight(h.batch) - h.bytes
	h.bytes = weight(h.batch)
	s.add(copies)
}

// copy appends rows of other batches and returns them as entries of this one.
func (h *held) copy(rows []entry) []entry {
	copies := make([]entry, len(rows))
	for i, e := range rows {
		copies[i] = entry{time: e.time, batch: h, row: int32(h.batch.Rows())}
		h.batch.AppendRow(e.tableRow())
	}
	h.rows, h.left = h.rows+len(rows), h.left+len(rows)
	return copies
}

func (e entry) tableRow() table.Row { return table.Row{Batch: e.batch.batch, Index: int(e.row)} }

// sort brings all rows in order, with the scratch memory given, and returns
// scratch memory for the next.
func (s *stream) sort(spare []entry) []entry {
	if len(s.starts) > 1 {
		s.rows, spare = merge(s.rows, s.starts, spare)
	}
	s.starts = append(s.starts[:0], 0)
	return spare
}

// give takes the n earliest rows out as a group. The rows must be sorted.
func (s *stream) give(n int) *Group {
	g := &Group{Table: s.table, Partition: s.partition, key: s.streamKey, fresh: s.fresh,
		Rows: make([]table.Row, n)}
	for i, e := range s.rows[:n] {
		g.Rows[i] = e.tableRow()
		e.batch.left--
	}
	s.horizon, s.given, s.fresh = s.rows[n-1].time, true, false
	s.rows = append(s.rows[:0], s.rows[n:]...)
	if len(s.rows) == 0 {
		s.rows, s.starts = nil, nil
	}
	// Rows of the tail may now be read by whoever encodes the group: it is
	// full, however little is in it.
	s.tail = nil
	s.settle(g)
	return g
}

// settle hands the batches that no row needs over to the group: it is the last
// that reads them.
func (s *stream) settle(g *Group) {
	kept := s.batches[:0]
	s.bytes, s.wasted = 0, 0
	for _, h := range s.batches {
		if h.left == 0 {
			g.Bytes += h.bytes
			g.Free = append(g.Free, h.batch)
			continue
		}
		kept = append(kept, h)
		s.bytes += h.bytes
		s.wasted += h.waste()
	}
	clear(s.batches[len(kept):])
	s.batches = kept
}

// compact copies the rows of batches that are partly used up into a new one, so
// that a few late rows do not hold many batches. The old ones go with the group.
func (s *stream) compact(g *Group, schema *table.Schema) {
	var partly []entry
	for _, e := range s.rows {
		if e.batch.left < e.batch.rows {
			partly = append(partly, e)
		}
	}
	fresh := hold(schema.NewBatch())
	copies := fresh.copy(partly)
	fresh.bytes = weight(fresh.batch)
	for i, e := range s.rows {
		if e.batch.left < e.batch.rows {
			s.rows[i], copies = copies[0], copies[1:]
		}
	}
	for _, e := range partly {
		e.batch.left = 0
	}
	s.batches = append(s.batches, fresh)
	s.settle(g)
}
