package lake

import (
	"cmp"
	"math"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// stream is one lane of the rows of one table and day: it holds, sorts and releases
// them.
type stream struct {
	streamKey
	partition Partition

	rows    []entry
	starts  []int // of the ascending runs in rows
	batches []*held
	tail    *held // the batch that collects rows of small runs

	bytes    int64 // weight of batches
	reserved int64 // memory of batches
	wasted   int64 // the part of bytes that belongs to rows already released

	begun   bool  // some rows were released since the object began
	horizon int64 // time of the last row released
	fresh   bool  // the next group must not join the object before it
	used    int   // the Appender's clock when rows were added last
}

// floor is the time before which a row is too late for this stream.
func (s *stream) floor() int64 {
	if !s.begun {
		return math.MinInt64
	}
	return s.horizon
}

// late is the number of rows, which ascend, that are too late for this stream.
func (s *stream) late(rows []entry) int {
	n, _ := slices.BinarySearchFunc(rows, s.floor(), func(e entry, t int64) int { return cmp.Compare(e.time, t) })
	return n
}

// take adds a run and keeps its batch.
func (s *stream) take(run Run) {
	s.own(run.batch)
	s.add(run.rows)
}

func (s *stream) own(h *held) {
	s.batches = append(s.batches, h)
	s.bytes += h.bytes
	s.reserved += h.reserved
	s.wasted += h.waste()
}

// waste is the weight of the rows that were released.
func (h *held) waste() int64 { return h.bytes * int64(h.rows-h.left) / int64(max(h.rows, 1)) }

func (s *stream) add(rows []entry) {
	if n := len(s.rows); n == 0 || rows[0].time < s.rows[n-1].time {
		s.starts = append(s.starts, n)
	}
	s.rows = append(s.rows, rows...)
}

// fewRows take less to be copied than a batch of their own takes.
const fewRows = 16

// gathers reports whether the rows of a run are too few for a batch of their own, beside those that
// the stream holds. The rows of a part stay where they are: others read that batch.
func (s *stream) gathers(run Run) bool {
	return len(run.rows) < fewRows && len(s.batches) > 0 && run.batch.rows == run.batch.batch.Rows()
}

// copy adds a run by copying its rows to the tail, so that its batch is not held for a
// few rows.
func (s *stream) copy(run Run, schema *table.Schema) {
	if s.tail == nil {
		s.tail = hold(schema.NewBatch())
		s.own(s.tail)
	}
	h := s.tail
	copies := h.copy(run.rows)
	s.bytes -= h.bytes
	s.reserved -= h.reserved
	h.weigh()
	s.bytes += h.bytes
	s.reserved += h.reserved
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

// sort sorts all rows, using the scratch memory spare, and returns scratch memory for
// the next call.
func (s *stream) sort(spare []entry) []entry {
	if len(s.starts) > 1 {
		s.rows, spare = merge(s.rows, s.starts, spare)
	}
	s.starts = append(s.starts[:0], 0)
	return spare
}

// release returns the n earliest rows as a group. The rows must be sorted.
func (s *stream) release(n int) *Group {
	g := &Group{Table: s.table, Partition: s.partition, key: s.streamKey, fresh: s.fresh,
		Rows: make([]table.Row, n)}
	for i, e := range s.rows[:n] {
		g.Rows[i] = e.tableRow()
		e.batch.left--
	}
	s.horizon, s.begun, s.fresh = s.rows[n-1].time, true, false
	s.rows = append(s.rows[:0], s.rows[n:]...)
	if len(s.rows) == 0 {
		s.rows, s.starts = nil, nil
	}
	// The group's encoding may now read rows of the tail, so nothing more may be
	// appended to it.
	s.tail = nil
	s.settle(g)
	return g
}

// settle hands the batches that no held row needs to the group, which is the last to
// read them.
func (s *stream) settle(g *Group) {
	kept := s.batches[:0]
	s.bytes, s.reserved, s.wasted = 0, 0, 0
	for _, h := range s.batches {
		if h.left == 0 {
			g.Reserved += h.reserved
			if !h.shared {
				g.Free = append(g.Free, h.batch)
			}
			continue
		}
		kept = append(kept, h)
		s.bytes += h.bytes
		s.reserved += h.reserved
		s.wasted += h.waste()
	}
	clear(s.batches[len(kept):])
	s.batches = kept
}

// compact copies the rows of partly released batches into a new batch, so that a few
// late rows do not hold many batches. The old batches go with the group.
func (s *stream) compact(g *Group, schema *table.Schema) {
	var partly []entry
	for _, e := range s.rows {
		if e.batch.left < e.batch.rows {
			partly = append(partly, e)
		}
	}
	fresh := hold(schema.NewBatch())
	copies := fresh.copy(partly)
	fresh.weigh()
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
