package lake

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/runtime/table"
)

// Run is the rows of one batch that belong to one day, in order of time; rows of equal
// time are in the order of the batch, or of their lines.
type Run struct {
	Day   int32
	batch *held
	rows  []entry
}

// held is a batch that some rows still need.
type held struct {
	batch *table.Batch
	bytes int64 // its weight, which decides where row groups end
	// reserved is its memory, which decides nothing: objects must not depend on how
	// memory happened to grow.
	reserved int64
	rows     int
	left     int  // rows not yet in a Group
	shared   bool // others need rows of the batch, too, and one of them frees it
}

type entry struct {
	time  int64
	batch *held
	row   int32
}

// batchOverhead is the memory of a batch besides its rows, in bytes: about a hundred
// columns with space for their first rows. It counts, because a thousand days of one
// row each would break the bound otherwise.
const batchOverhead = 64 << 10

// rowOverhead is the memory of a row besides its batch: an entry, and a table.Row in its
// group.
const rowOverhead = 40

func hold(b *table.Batch) *held {
	h := &held{batch: b, rows: b.Rows(), left: b.Rows()}
	h.weigh()
	return h
}

// weigh follows the batch after rows were added.
func (h *held) weigh() {
	h.bytes = int64(h.batch.Bytes()) + batchOverhead
	h.reserved = int64(h.batch.Reserved() + rowOverhead*h.batch.Rows())
}

// mostMoves is how many places a row may move on average until sorting as if the rows came in any
// order is faster. Alerts come nearly in the order of their times.
const mostMoves = 16

// Runs splits a batch by day, the earliest day first, and sorts the rows. Any
// goroutine may call it. The batch must not change until the Appender returns it
// (as unused from Add, or in Group.Free).
func Runs(b *table.Batch) []Run {
	if b.Rows() == 0 {
		return nil
	}
	return runs(hold(b), 0)
}

// Part is neighbouring rows of a batch, those of one input, which has no others. The batch has rows of
// other inputs, too.
type Part struct {
	From, To int
	Bytes    int  // the most that they weigh in a batch of their own, within Limits.MostShared
	Last     bool // of the batch: no group of an input behind this one has rows of it
}

// PartRuns is Runs for a part of a batch.
func PartRuns(b *table.Batch, p Part) []Run {
	h := &held{batch: b, bytes: int64(p.Bytes) + batchOverhead, rows: p.To - p.From, left: p.To - p.From, shared: !p.Last}
	if p.Last {
		h.reserved = int64(b.Reserved() + rowOverhead*b.Rows())
	}
	return runs(h, p.From)
}

// runs splits and sorts the rows of h, which are those of its batch from one on.
func runs(h *held, from int) []Run {
	rows := make([]entry, h.rows)
	moves := mostMoves * len(rows)
	for i := range rows {
		row, at := entry{time: h.batch.Time(from + i), batch: h, row: int32(from + i)}, i
		for ; at > 0 && rows[at-1].time > row.time && moves > 0; at-- {
			rows[at] = rows[at-1]
			moves--
		}
		rows[at] = row
	}
	if moves == 0 {
		slices.SortFunc(rows, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.row, b.row))
		})
	}
	return byDay(h, rows)
}

// RunsOfLines is Runs for rows that came in another order than that of their lines, whose numbers
// it is given: rows of equal time are in that order.
func RunsOfLines(b *table.Batch, lines []uint32) []Run {
	h := hold(b)
	rows := make([]entry, b.Rows())
	for i := range rows {
		rows[i] = entry{time: b.Time(i), batch: h, row: int32(i)}
	}
	slices.SortFunc(rows, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(lines[a.row], lines[b.row]), cmp.Compare(a.row, b.row))
	})
	return byDay(h, rows)
}

func byDay(h *held, rows []entry) []Run {
	var runs []Run
	for len(rows) > 0 {
		day := DayOf(rows[0].time)
		n := len(rows)
		if DayOf(rows[n-1].time) != day {
			next := (int64(day) + 1) * dayMillis
			n, _ = slices.BinarySearchFunc(rows, next, func(e entry, t int64) int { return cmp.Compare(e.time, t) })
		}
		runs = append(runs, Run{Day: day, batch: h, rows: rows[:n:n]})
		rows = rows[n:]
	}
	return runs
}

// merge merges the ascending runs of rows into one. Starts holds the start of each
// run, ascending from 0. Rows of an earlier run go before equal rows of a later one. It
// uses the memory of both slices, and returns the merged rows and the other slice.
func merge(rows []entry, starts []int, spare []entry) (merged, other []entry) {
	for len(starts) > 1 {
		spare = spare[:0]
		kept := starts[:0]
		for i := 0; i < len(starts); i += 2 {
			from, mid, to := starts[i], bound(starts, i+1, len(rows)), bound(starts, i+2, len(rows))
			kept = append(kept, len(spare))
			spare = mergeTwo(spare, rows[from:mid], rows[mid:to])
		}
		rows, spare, starts = spare, rows, kept
	}
	return rows, spare
}

func bound(starts []int, i, end int) int {
	if i < len(starts) {
		return starts[i]
	}
	return end
}

func mergeTwo(dst, a, b []entry) []entry {
	for len(a) > 0 && len(b) > 0 {
		if a[len(a)-1].time <= b[0].time {
			break
		}
		if b[0].time < a[0].time {
			dst, b = append(dst, b[0]), b[1:]
		} else {
			dst, a = append(dst, a[0]), a[1:]
		}
	}
	return append(append(dst, a...), b...)
}
