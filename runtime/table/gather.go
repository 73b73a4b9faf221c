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
	rowsOf    [1]places
	entriesOf []places // in the current list, one after another
	values    int      // end of the run's values in encoder.ids or encoder.nums
	pieces    int      // end of its pieces in encoder.pieces
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

// plan groups the rows into runs.
func (e *encoder) plan(rows []Row) error {
	e.runs, e.batches = e.runs[:0], e.batches[:0]
	e.order = slices.Grow(e.order[:0], len(rows))
	e.zeros = append(e.zeros[:0], make([]uint8, len(rows))...)
	for i := range e.levels {
		e.levels[i].branch = trunk
	}
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
				rowsOf: [1]places{{each: e.order[at:at:cap(e.order)], from: row.Index, to: row.Index, all: true}},
			})
			n++
		}
		e.runs[n].rowsOf[0].add(row.Index)
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
	e.nums, e.ids = e.nums[:0], e.ids[:0]
	if e.leaf.role != member {
		e.gatherMap()
		return
	}
	if e.leaf.list != flat && e.leaf.list != e.list {
		e.gatherList(e.leaf.list)
	}
	e.defs = append(e.defs[:0], e.around(e.leaf.branch)...)
	e.reserve()
	defs := e.defs
	for i := range e.runs {
		r := &e.runs[i]
		c := &r.batch.cols[e.column]
		for k := range r.places(e.leaf.list) {
			p := &r.places(e.leaf.list)[k]
			n := p.count()
			e.gatherPlaces(c, p, defs[:n:n])
			defs = defs[n:]
		}
		r.values = max(len(e.nums), len(e.ids))
	}
	e.count = max(len(e.nums), len(e.ids))
}

// places are those of a flat column, or of one in the current list.
func (r *run) places(list int) []places {
	if list == flat {
		return r.rowsOf[:]
	}
	return r.entriesOf
}

// around returns the definition levels that the entries of a branch have if they have none of
// their own. It keeps those of the branches around it, since columns follow one another as
// their branches do. The result is valid until the next call for another list.
func (e *encoder) around(number int) []uint8 {
	if number == trunk {
		if e.leaf.list == flat {
			return e.zeros
		}
		return e.base
	}
	of := &e.schema.branches[number]
	for len(e.levels) <= of.depth {
		e.levels = append(e.levels, levels{branch: trunk})
	}
	if e.levels[of.depth].branch == number {
		return e.levels[of.depth].defs
	}
	outer := e.around(of.parent)
	l := &e.levels[of.depth]
	l.branch, l.defs = number, append(l.defs[:0], outer...)
	defs := l.defs
	for i := range e.runs {
		r := &e.runs[i]
		for k := range r.places(of.list) {
			p := &r.places(of.list)[k]
			n := p.count()
			r.batch.branches[number].mark(p, defs[:n:n], of.def)
			defs = defs[n:]
		}
	}
	return l.defs
}

// reserve allocates the memory for the values at once: buffers that grow bit by bit
// leave several times their size behind as garbage.
func (e *encoder) reserve() {
	if e.leaf.physical == format.ByteArray {
		e.ids = slices.Grow(e.ids, len(e.defs))
	} else {
		e.nums = slices.Grow(e.nums, len(e.defs))
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
		switch rows := &r.rowsOf[0]; {
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

// gatherPlaces gathers the values of a column at some places, and their levels.
func (e *encoder) gatherPlaces(c *column, p *places, defs []uint8) {
	switch {
	case c.same != 0:
		e.gatherSame(c, p, defs)
	case c.texts == nil:
		e.nums = pick(e.nums, c.nums, c.there, p, defs, e.leaf.maxDef)
	default:
		e.ids = pick(e.ids, c.ids, c.there, p, defs, e.leaf.maxDef)
	}
}

// gatherSame gathers a flat column whose first rows are the same, and the others absent.
func (e *encoder) gatherSame(c *column, p *places, defs []uint8) {
	there := len(defs)
	if p.to <= c.rows {
		fill(defs, e.leaf.maxDef)
	} else {
		there = 0
		for i := range defs {
			if p.at(i) < c.rows {
				defs[i] = e.leaf.maxDef
				there++
			}
		}
	}
	if c.texts == nil {
		e.nums = repeat(e.nums, c.nums[0], there)
	} else {
		e.ids = repeat(e.ids, c.ids[0], there)
	}
}

// pick appends the values at some places, and sets the levels of those that have one. Dst has the
// memory for them.
func pick[T any](dst, values []T, there presence, p *places, defs []uint8, level uint8) []T {
	from, to := there.rank(p.from), there.rank(p.to)
	if from == to {
		return dst
	}
	there.mark(p, defs, level)
	switch {
	case p.all:
		dst = append(dst, values[from:to]...)
	case to-from == p.to-p.from:
		for _, at := range p.each {
			dst = append(dst, values[from+int(at)-p.from])
		}
	default:
		for i, at := range p.each {
			if defs[i] == level {
				dst = append(dst, values[there.rank(int(at))])
			}
		}
	}
	return dst
}

// widths is the plain size of a number in bytes; a boolean takes a bit.
var widths = [...]int{format.Boolean: 0, format.Int32: 4, format.Int64: 8, format.Double: 8}
