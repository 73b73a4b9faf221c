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

// run is a sequence of neighbouring rows of one batch: most rows come in the order
// in which they were appended, and are gathered many at a time.
type run struct {
	batch    *Batch
	ordinal  int // of the batch
	from, to int // rows
	values   int // end of the run's values in encoder.ids or encoder.nums
}

// plan groups the rows into runs.
func (e *encoder) plan(rows []Row) error {
	e.runs, e.batches = e.runs[:0], e.batches[:0]
	clear(e.ordinals)
	for _, r := range rows {
		if n := len(e.runs) - 1; n >= 0 && e.runs[n].batch == r.Batch && e.runs[n].to == r.Index {
			e.runs[n].to++
			continue
		}
		if r.Batch.schema != e.schema {
			return ErrOtherSchema
		}
		o, ok := e.ordinals[r.Batch]
		if !ok {
			o = len(e.batches)
			e.ordinals[r.Batch] = o
			e.batches = append(e.batches, r.Batch)
		}
		e.runs = append(e.runs, run{batch: r.Batch, ordinal: o, from: r.Index, to: r.Index + 1})
	}
	return nil
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
		if c.repeated {
			e.gatherRepeated(r, c)
		} else {
			e.gatherFlat(r, c)
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
		for _, r := range e.runs {
			c := &r.batch.cols[e.column]
			entries += int(c.entryEnd[r.to-1] - c.entryStart(r.from))
			values += int(c.valueEnd[r.to-1] - c.valueStart(r.from))
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

func (e *encoder) gatherRepeated(r *run, c *column) {
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

func (e *encoder) gatherFlat(r *run, c *column) {
	defs := c.defs[r.from:r.to]
	e.defs = append(e.defs, defs...)
	if c.texts == nil {
		e.nums = pick(e.nums, c.nums[r.from:r.to], defs, e.leaf.maxDef)
	} else {
		e.ids = pick(e.ids, c.ids[r.from:r.to], defs, e.leaf.maxDef)
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

// indexTexts numbers the texts of a chunk and returns how many of them the dictionary
// covers: all, those before its overflow, or none if a dictionary does not pay.
func (e *encoder) indexTexts() (taken int) {
	d := &e.textDict
	d.reset(e.options.DictionaryBytes)
	e.remap()
	e.indexes = slices.Grow(e.indexes[:0], len(e.ids))
	plain, from := 0, 0
	for i := range e.runs {
		r := &e.runs[i]
		known, texts := e.known[e.bases[r.ordinal]:], r.batch.cols[e.column].texts
		for _, id := range e.ids[from:r.values] {
			x := known[id] - 1
			if x < 0 {
				s := texts.at(id)
				if x = d.index(s, 4+len(s)); x < 0 {
					return e.worth(d.bytes, plain)
				}
				known[id] = x + 1
			}
			e.indexes = append(e.indexes, x)
			plain += 4 + len(d.values[x])
			if d.hopeless(len(e.indexes)) {
				return 0
			}
		}
		from = r.values
	}
	return e.worth(d.bytes, plain)
}

// remap makes a table for each batch from its own numbers of this column's texts to
// those of the chunk's dictionary plus one, 0 if not known yet: so a text is hashed
// once for each batch and not for each row.
func (e *encoder) remap() {
	total := 0
	e.bases = e.bases[:0]
	for _, b := range e.batches {
		e.bases = append(e.bases, total)
		total += b.cols[e.column].texts.count()
	}
	if cap(e.known) < total {
		e.known = make([]int32, total+total/4)
	}
	e.known = e.known[:total]
	clear(e.known)
}

func (e *encoder) indexNumbers() (taken int) {
	d := &e.numberDict
	width := widths[e.leaf.physical]
	d.reset(e.options.DictionaryBytes)
	e.indexes = slices.Grow(e.indexes[:0], len(e.nums))
	var last int64
	at := int32(-1)
	for _, v := range e.nums {
		if v != last || at < 0 {
			x := d.index(v, width)
			if x < 0 {
				break
			}
			last, at = v, x
		}
		e.indexes = append(e.indexes, at)
		if d.hopeless(len(e.indexes)) {
			return 0
		}
	}
	return e.worth(d.bytes, width*len(e.indexes))
}

// worth returns how many values to write by their numbers: none if the dictionary and
// the numbers are not smaller than the values themselves.
func (e *encoder) worth(dictionary, plain int) int {
	n := len(e.indexes)
	if dictionary+runBound(n, e.indexWidth()) >= plain {
		return 0
	}
	return n
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
