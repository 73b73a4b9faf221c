package table

import (
	"bytes"
	"slices"

	"github.com/parquet-go/parquet-go/format"
)

// Row names one row of a batch.
type Row struct {
	Batch *Batch
	Index int
}

// run is a sequence of rows of one batch, most of them neighbours there: rows come
// nearly in the order in which they were appended, and are gathered many at a time.
type run struct {
	batch    *Batch
	ordinal  int // of the batch
	rows     []uint32
	from, to int  // the rows are within [from, to)
	inOrder  bool // the rows are all of [from, to), ascending
	values   int  // end of the run's values in encoder.ids or encoder.nums
}

// dense reports whether it is worth looking at all rows within the bounds of a run, to
// learn what its own have in common.
func (r *run) dense() bool { return r.to-r.from <= 2*len(r.rows) }

// plan groups the rows into runs.
func (e *encoder) plan(rows []Row) error {
	e.runs, e.batches = e.runs[:0], e.batches[:0]
	e.order = slices.Grow(e.order[:0], len(rows))
	clear(e.ordinals)
	for _, row := range rows {
		n := len(e.runs) - 1
		if n < 0 || e.runs[n].batch != row.Batch {
			if row.Batch.schema != e.schema {
				return ErrOtherSchema
			}
			at := len(e.order)
			e.runs = append(e.runs, run{
				batch: row.Batch, ordinal: e.ordinal(row.Batch), rows: e.order[at:at:cap(e.order)],
				from: row.Index, to: row.Index, inOrder: true,
			})
			n++
		}
		e.runs[n].add(row.Index)
		e.order = e.order[:len(e.order)+1]
	}
	return nil
}

// ordinal numbers a batch by its first row.
func (e *encoder) ordinal(b *Batch) int {
	o, ok := e.ordinals[b]
	if !ok {
		o = len(e.batches)
		e.ordinals[b] = o
		e.batches = append(e.batches, b)
	}
	return o
}

func (r *run) add(row int) {
	r.rows = append(r.rows, uint32(row))
	r.inOrder = r.inOrder && row == r.to
	r.from, r.to = min(r.from, row), max(r.to, row+1)
}

// gather collects a column's levels and the values that are present: numbers as they
// are, texts as the numbers that they have in their batches.
func (e *encoder) gather() {
	e.defs, e.reps, e.rowEnds = e.defs[:0], e.reps[:0], e.rowEnds[:0]
	e.nums, e.ids = e.nums[:0], e.ids[:0]
	e.reserve()
	for i := range e.runs {
		r := &e.runs[i]
		c := &r.batch.cols[e.column]
		switch {
		case r.inOrder:
			e.gatherRange(r, c)
		case !c.repeated || c.oneEach(r):
			e.gatherSingle(r, c)
		default:
			e.gatherLists(r, c)
		}
		r.values = max(len(e.nums), len(e.ids))
	}
}

// reserve allocates the memory for the column at once: buffers that grow bit by bit
// leave several times their size behind as garbage.
func (e *encoder) reserve() {
	entries, values := e.rows, e.rows
	if e.leaf.maxRep > 0 {
		entries, values = 0, 0
		for i := range e.runs {
			n, v := e.runs[i].batch.cols[e.column].sizeOf(&e.runs[i])
			entries, values = entries+n, values+v
		}
		e.rowEnds = slices.Grow(e.rowEnds, e.rows)
		e.reps = slices.Grow(e.reps, entries)
	}
	e.defs = slices.Grow(e.defs, entries)
	if e.leaf.physical == format.ByteArray {
		e.ids = slices.Grow(e.ids, values)
	} else {
		e.nums = slices.Grow(e.nums, values)
	}
}

// sizeOf is how many entries and values the rows of a run have in a repeated column.
func (c *column) sizeOf(r *run) (entries, values int) {
	if r.inOrder || c.oneEach(r) {
		return int(c.entryEnd[r.to-1] - c.entryStart(r.from)), int(c.valueEnd[r.to-1] - c.valueStart(r.from))
	}
	for _, row := range r.rows {
		entries += int(c.entryEnd[row] - c.entryStart(int(row)))
		values += int(c.valueEnd[row] - c.valueStart(int(row)))
	}
	return entries, values
}

// oneEach reports whether each row of a run has one entry in a repeated column, and so
// have those between them.
func (c *column) oneEach(r *run) bool {
	return r.dense() && int(c.entryEnd[r.to-1]-c.entryStart(r.from)) == r.to-r.from
}

// gatherRange gathers rows that are neighbours.
func (e *encoder) gatherRange(r *run, c *column) {
	if !c.repeated {
		defs := c.defs[r.from:r.to]
		e.defs = append(e.defs, defs...)
		if c.texts == nil {
			e.nums = pick(e.nums, c.nums[r.from:r.to], defs, e.leaf.maxDef)
		} else {
			e.ids = pick(e.ids, c.ids[r.from:r.to], defs, e.leaf.maxDef)
		}
		return
	}
	from, base := c.entryStart(r.from), uint32(len(e.defs))-c.entryStart(r.from)
	for _, end := range c.entryEnd[r.from:r.to] {
		e.rowEnds = append(e.rowEnds, base+end)
	}
	to := c.entryEnd[r.to-1]
	e.defs = append(e.defs, c.defs[from:to]...)
	e.reps = append(e.reps, c.reps[from:to]...)
	from, to = c.valueStart(r.from), c.valueEnd[r.to-1]
	if c.texts == nil {
		e.nums = append(e.nums, c.nums[from:to]...)
	} else {
		e.ids = append(e.ids, c.ids[from:to]...)
	}
}

// pick appends the values whose definition level says that they are present.
func pick[T any](dst, values []T, defs []uint8, there uint8) []T {
	switch bytes.Count(defs, []byte{there}) {
	case 0:
		return dst
	case len(defs):
		return append(dst, values...)
	}
	for i, d := range defs {
		if d == there {
			dst = append(dst, values[i])
		}
	}
	return dst
}

// gatherSingle gathers rows that have one entry each.
func (e *encoder) gatherSingle(r *run, c *column) {
	entry := r.from
	if c.repeated {
		entry = int(c.entryStart(r.from))
		for i := range r.rows {
			e.rowEnds = append(e.rowEnds, uint32(len(e.defs)+i+1))
		}
		e.reps = extend(e.reps, len(r.rows), 0)
	}
	defs, there := c.defs[entry:entry+r.to-r.from], e.leaf.maxDef
	if r.dense() && bytes.Count(defs, defs[:1]) == len(defs) {
		e.defs = extend(e.defs, len(r.rows), defs[0])
		if defs[0] == there {
			e.gatherAll(r, c)
		}
		return
	}
	n := len(e.defs)
	e.defs = e.defs[:n+len(r.rows)]
	for i, row := range r.rows {
		e.defs[n+i] = defs[int(row)-r.from]
	}
	for i, row := range r.rows {
		if e.defs[n+i] != there {
			continue
		}
		if c.repeated {
			row = c.valueStart(int(row))
		}
		if c.texts == nil {
			e.nums = append(e.nums, c.nums[row])
		} else {
			e.ids = append(e.ids, c.ids[row])
		}
	}
}

// gatherAll gathers the values of rows that have one each, as those between them do.
func (e *encoder) gatherAll(r *run, c *column) {
	value := r.from
	if c.repeated {
		value = int(c.valueStart(r.from))
	}
	if c.texts == nil {
		e.nums = pickRows(e.nums, c.nums[value:], r)
	} else {
		e.ids = pickRows(e.ids, c.ids[value:], r)
	}
}

// pickRows appends the values of the rows of a run; values begins with that of r.from.
// Dst has the memory for them.
func pickRows[T any](dst, values []T, r *run) []T {
	n, from := len(dst), uint32(r.from)
	dst = dst[:n+len(r.rows)]
	for i, row := range r.rows {
		dst[n+i] = values[row-from]
	}
	return dst
}

// extend appends n levels, for which s has the memory.
func extend(s []uint8, n int, level uint8) []uint8 {
	from := len(s)
	s = s[:from+n]
	for i := range s[from:] {
		s[from+i] = level
	}
	return s
}

// gatherLists gathers rows of any number of entries.
func (e *encoder) gatherLists(r *run, c *column) {
	for _, row := range r.rows {
		from, to := c.entryStart(int(row)), c.entryEnd[row]
		e.defs = append(e.defs, c.defs[from:to]...)
		e.reps = append(e.reps, c.reps[from:to]...)
		e.rowEnds = append(e.rowEnds, uint32(len(e.defs)))
		from, to = c.valueStart(int(row)), c.valueEnd[row]
		switch {
		case from == to:
		case c.texts == nil:
			e.nums = append(e.nums, c.nums[from:to]...)
		default:
			e.ids = append(e.ids, c.ids[from:to]...)
		}
	}
}

// spell collects the texts from value k on, and their plain sizes.
func (e *encoder) spell(k int) {
	clear(e.strs)
	e.strs = slices.Grow(e.strs[:0], len(e.ids)-k)
	e.sizes = append(slices.Grow(e.sizes[:0], len(e.ids)-k+1), 0)
	from, size := 0, 0
	for i := range e.runs {
		r := &e.runs[i]
		texts := r.batch.cols[e.column].texts
		for _, id := range e.ids[max(from, min(k, r.values)):r.values] {
			s := texts.at(id)
			size += 4 + len(s)
			e.strs, e.sizes = append(e.strs, s), append(e.sizes, size)
		}
		from = r.values
	}
}

// widths is the plain size of a number in bytes; a boolean takes a bit.
var widths = [...]int{format.Boolean: 0, format.Int32: 4, format.Int64: 8, format.Double: 8}
