package table

import "hash/maphash"

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
	if d.bytes+size > d.limit {
		return -1
	}
	d.values = append(d.values, k)
	d.bytes += size
	d.slots[at] = int32(len(d.values))
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
