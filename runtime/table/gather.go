package table

import (
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
	batch     *Batch
	ordinal   int // of the batch
	rowsOf    places
	entriesOf []places // in the current list, one after another
	values    int      // end of the run's values in encoder.ids or encoder.nums
}

// places are entries of the columns of a batch; those of flat columns are its rows.
type places struct {
	from, to int      // they are within [from, to)
	all      bool     // they are all of these, ascending
	each     []uint32 // unless all, and of rows always
}

func (p *places) count() int {
	if p.all {
		return p.to - p.from
	}
	return len(p.each)
}

// at is one of the places.
func (p *places) at(i int) int {
	if p.all {
		return p.from + i
	}
	return int(p.each[i])
}

// dense reports whether it is worth looking at all entries within the bounds, to learn
// what those of the places have in common.
func (p *places) dense() bool { return p.to-p.from <= 2*len(p.each) }

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
				batch: row.Batch, ordinal: e.ordinal(row.Batch),
				rowsOf: places{each: e.order[at:at:cap(e.order)], from: row.Index, to: row.Index, all: true},
			})
			n++
		}
		e.runs[n].rowsOf.add(row.Index)
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

func (p *places) add(at int) {
	p.each = append(p.each, uint32(at))
	p.all = p.all && at == p.to
	p.from, p.to = min(p.from, at), max(p.to, at+1)
}

// gather collects a column's levels and the values that are present: numbers as they
// are, texts as the numbers that they have in their batches.
func (e *encoder) gather() {
	e.defs, e.nums, e.ids = e.defs[:0], e.nums[:0], e.ids[:0]
	if e.leaf.list != flat && e.leaf.list != e.list {
		e.gatherList(e.leaf.list)
	}
	e.reserve()
	for i := range e.runs {
		r := &e.runs[i]
		c := &r.batch.cols[e.column]
		if e.leaf.list == flat {
			e.gatherPlaces(c, &r.rowsOf)
		} else {
			for k := range r.entriesOf {
				e.gatherPlaces(c, &r.entriesOf[k])
			}
		}
		r.values = max(len(e.nums), len(e.ids))
	}
}

// reserve allocates the memory for the column at once: buffers that grow bit by bit
// leave several times their size behind as garbage.
func (e *encoder) reserve() {
	entries := e.rows
	if e.leaf.list != flat {
		entries = len(e.base)
	}
	e.defs = slices.Grow(e.defs, entries)
	if e.leaf.physical == format.ByteArray {
		e.ids = slices.Grow(e.ids, entries)
	} else {
		e.nums = slices.Grow(e.nums, entries)
	}
}

// gatherList collects what the columns of a list have in common: repetition levels, least
// definition levels, and the ends of the rows. They follow one another, as a rule.
func (e *encoder) gatherList(list int) {
	e.list = list
	e.reps, e.base, e.entries, e.parts = e.reps[:0], e.base[:0], e.entries[:0], e.parts[:0]
	e.rowEnds = slices.Grow(e.rowEnds[:0], e.rows)
	for i := range e.runs {
		r := &e.runs[i]
		l, first := &r.batch.lists[list], len(e.parts)
		switch rows := &r.rowsOf; {
		case rows.all:
			e.gatherEntries(l, l.ends[rows.from:rows.to], rows.from)
		case l.start(rows.to)-l.start(rows.from) > manyEntries*(rows.to-rows.from):
			for _, row := range rows.each {
				e.gatherEntries(l, l.ends[row:row+1], int(row))
			}
		default:
			e.gatherEach(l, rows)
		}
		r.entriesOf = e.parts[first:len(e.parts):len(e.parts)]
	}
}

// manyEntries is how many entries of a row are copied together rather than one by one.
const manyEntries = 4

// gatherEntries gathers the entries of neighbouring rows, the first of which is row, as one part.
func (e *encoder) gatherEntries(l *entries, ends []uint32, row int) {
	from, to := l.start(row), int(ends[len(ends)-1])
	base := uint32(len(e.reps) - from)
	for _, end := range ends {
		e.rowEnds = append(e.rowEnds, base+end)
	}
	e.reps, e.base = append(e.reps, l.reps[from:to]...), append(e.base, l.base[from:to]...)
	e.parts = append(e.parts, places{from: from, to: to, all: true})
}

// gatherEach gathers the entries of rows one by one, as one part.
func (e *encoder) gatherEach(l *entries, rows *places) {
	first := len(e.entries)
	for _, row := range rows.each {
		for at := l.start(int(row)); at < int(l.ends[row]); at++ {
			e.entries = append(e.entries, uint32(at))
			e.reps, e.base = append(e.reps, l.reps[at]), append(e.base, l.base[at])
		}
		e.rowEnds = append(e.rowEnds, uint32(len(e.reps)))
	}
	e.parts = append(e.parts, places{from: l.start(rows.from), to: l.start(rows.to), each: e.entries[first:len(e.entries):len(e.entries)]})
}

// gatherPlaces gathers the levels and values of a column at some places.
func (e *encoder) gatherPlaces(c *column, p *places) {
	n := len(e.defs)
	e.defs = e.defs[:n+p.count()]
	defs := e.defs[n:]
	if len(defs) == 0 {
		return
	}
	switch {
	case !c.some:
		clear(defs)
		e.raise(defs, n)
		return
	case c.same != 0:
		e.gatherSame(c, p, defs)
		return
	}
	switch within := c.defs[p.from:p.to]; {
	case p.all:
		copy(defs, within)
	case p.dense() && count(within, within[0]) == len(within):
		fill(defs, within[0])
	default:
		for i, at := range p.each {
			defs[i] = c.defs[at]
		}
	}
	there := count(defs, e.leaf.maxDef)
	if there < len(defs) {
		e.raise(defs, n)
	}
	if c.texts == nil {
		e.nums = pick(e.nums, c.nums, p, defs, e.leaf.maxDef, there)
	} else {
		e.ids = pick(e.ids, c.ids, p, defs, e.leaf.maxDef, there)
	}
}

// gatherSame gathers a flat column whose first rows are the same, and the others absent.
func (e *encoder) gatherSame(c *column, p *places, defs []uint8) {
	fill(defs, c.defs[0])
	there := len(defs)
	if p.to > c.rows {
		there = 0
		for i := range defs {
			if p.at(i) < c.rows {
				there++
			} else {
				defs[i] = 0
			}
		}
	}
	if c.texts == nil {
		e.nums = repeat(e.nums, c.nums[0], there)
	} else {
		e.ids = repeat(e.ids, c.ids[0], there)
	}
}

// repeat appends a value so many times. Dst has the memory for them.
func repeat[T any](dst []T, v T, times int) []T {
	n := len(dst)
	fill(dst[n:n+times], v)
	return dst[:n+times]
}

// raise gives the entries from n on that have nothing of their own the level that they have at least.
func (e *encoder) raise(defs []uint8, n int) {
	if e.leaf.list == flat {
		return
	}
	base := e.base[n : n+len(defs)]
	for i, d := range defs {
		if d == 0 {
			defs[i] = base[i]
		}
	}
}

// pick appends those values at some places whose definition level says that they are
// present: so many. Dst has the memory for them.
func pick[T any](dst, values []T, p *places, defs []uint8, level uint8, there int) []T {
	n := len(dst)
	switch {
	case there == 0:
	case there == len(defs) && p.all:
		dst = append(dst, values[p.from:p.to]...)
	case there == len(defs):
		dst = dst[:n+there]
		for i, at := range p.each {
			dst[n+i] = values[at]
		}
	default:
		for i, d := range defs {
			if d == level {
				dst = append(dst, values[p.at(i)])
			}
		}
	}
	return dst
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
