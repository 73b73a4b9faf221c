package table

import (
	"hash/maphash"
	"slices"
)

// dictionary numbers the distinct values of a column chunk in the order of their
// first rows, so that it depends on the rows only.
type dictionary[K string | int64] struct {
	seed   maphash.Seed
	slots  []int32 // hash table of index+1, 0 is free; its size is a power of two
	values []K
	bytes  int // of the dictionary page
	limit  int
}

func (d *dictionary[K]) reset(limit int) {
	clear(d.slots)
	clear(d.values) // they alias batches
	d.values, d.bytes, d.limit = d.values[:0], 0, limit
}

// index returns the number of k, which takes size bytes in the dictionary page, or -1
// if k is new and the page would outgrow its limit.
func (d *dictionary[K]) index(k K, size int) int32 {
	if 2*len(d.values) >= len(d.slots) {
		d.grow()
	}
	at := d.slot(k)
	if d.slots[at] != 0 {
		return d.slots[at] - 1
	}
	x := d.add(k, size)
	d.slots[at] = x + 1
	return x
}

// add is index for what is known to be new, and is not looked for later.
func (d *dictionary[K]) add(k K, size int) int32 {
	if d.bytes+size > d.limit {
		return -1
	}
	d.values = append(d.values, k)
	d.bytes += size
	return int32(len(d.values) - 1)
}

// slot returns the slot that k is in, or belongs in.
func (d *dictionary[K]) slot(k K) uint64 {
	mask := uint64(len(d.slots) - 1)
	at := maphash.Comparable(d.seed, k) & mask
	for d.slots[at] != 0 && d.values[d.slots[at]-1] != k {
		at = (at + 1) & mask
	}
	return at
}

func (d *dictionary[K]) grow() {
	d.slots = make([]int32, max(64, 2*len(d.slots)))
	for i, v := range d.values {
		d.slots[d.slot(v)] = int32(i + 1)
	}
}

const (
	// A column whose first values nearly all differ gets no dictionary.
	trialValues   = 1024
	trialDistinct = trialValues * 7 / 8
)

// hopeless reports, after the first trialValues values, whether the dictionary is not
// worth continuing.
func (d *dictionary[K]) hopeless(n int) bool {
	return n == trialValues && len(d.values) > trialDistinct
}

// indexTexts numbers the texts of a chunk and returns how many of them the dictionary
// covers: all, those before its overflow, or none if a dictionary does not pay.
func (e *encoder) indexTexts() (taken int) {
	d := &e.textDict
	d.reset(e.options.DictionaryBytes)
	e.remap()
	e.indexes = slices.Grow(e.indexes[:0], e.count)
	if e.leaf.role != member {
		e.indexPieces()
		return e.worthTexts()
	}
	from := 0
	for i := range e.runs {
		r := &e.runs[i]
		if !e.index(r, e.ids[from:r.values]) {
			break
		}
		from = r.values
	}
	return e.worthTexts()
}

// index appends the numbers of texts of a run. It returns false if one is not in the dictionary, and
// if the dictionary does not pay: then it takes back all numbers.
func (e *encoder) index(r *run, ids []uint32) bool {
	d := &e.textDict
	known, texts := e.known[e.bases[r.ordinal]:], r.batch.cols[e.column].texts
	for _, id := range ids {
		x := known[id] - 1
		if x < 0 {
			if s := texts.at(id); len(s) < e.options.PageBytes {
				x = e.indexText(s, texts.twins)
			}
			if x < 0 {
				return false
			}
			known[id] = x + 1
		}
		e.indexes = append(e.indexes, x)
		if d.hopeless(len(e.indexes)) {
			e.indexes = e.indexes[:0]
			return false
		}
	}
	return true
}

// indexText returns the number of a text that its batch has not used before.
func (e *encoder) indexText(s string, twins bool) int32 {
	if len(e.batches) == 1 && !twins {
		return e.textDict.add(s, 4+len(s)) // texts of one batch differ: those of a small file need no second hash
	}
	return e.textDict.index(s, 4+len(s))
}

// worthTexts is worth for texts, which it measures only if it must: what comes again takes
// four bytes and more.
func (e *encoder) worthTexts() int {
	d := &e.textDict
	if taken := e.worth(d.bytes, d.bytes+4*(len(e.indexes)-len(d.values))); taken > 0 {
		return taken
	}
	plain := 0
	for _, x := range e.indexes {
		plain += 4 + len(d.values[x])
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

// keepKeys keeps the keys of a map for the column of its values, if all of them are in
// the dictionary.
func (e *encoder) keepKeys() {
	e.keys, e.indexes = e.indexes, e.keys[:0]
	e.keyCount = e.distinct()
	if len(e.keys) < e.count {
		e.keys = e.keys[:0]
	}
}

// arrange puts those texts of a map's values beside each other in the dictionary that
// came first with the same key: they are alike, and take a tenth less once compressed.
// Keys, and the texts of one, keep the order of their first rows.
func (e *encoder) arrange() {
	if len(e.indexes) == 0 || len(e.keys) != e.count {
		return
	}
	values := e.textDict.values
	e.place = append(e.place[:0], make([]int32, e.keyCount+len(values))...)
	ends, place := e.place[:e.keyCount], e.place[e.keyCount:]
	firsts := 0
	for i, x := range e.indexes {
		if int(x) == firsts {
			place[x] = e.keys[i]
			ends[e.keys[i]]++
			firsts++
		}
	}
	for k := 1; k < len(ends); k++ {
		ends[k] += ends[k-1]
	}
	e.arranged = slices.Grow(e.arranged[:0], len(values))[:len(values)]
	for x := len(values) - 1; x >= 0; x-- {
		k := place[x]
		ends[k]--
		place[x] = ends[k]
		e.arranged[ends[k]] = values[x]
	}
	e.textDict.values, e.arranged = e.arranged, values
	for i, x := range e.indexes {
		e.indexes[i] = place[x]
	}
}
