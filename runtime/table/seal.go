package table

import "unsafe"

// A batch that is filled has space for more, and is in the caches of the processor of whoever fills
// it. So it is filled again and again, and what waits is a sealed copy, which takes as much memory
// as its rows do, in one block.

// Words is the size, in words of eight bytes, of the block that a sealed copy takes.
func (b *Batch) Words() int {
	n := words[uint32](noEnds)
	for i := range b.cols {
		c := &b.cols[i]
		n += words[present](len(c.there)) + words[int64](len(c.nums)) + words[uint32](len(c.ids))
		if t := c.texts; t != nil && t.count() > 1 {
			n += words[byte](len(t.bytes)) + words[uint32](len(t.ends))
		}
	}
	for _, there := range b.branches {
		n += words[present](len(there))
	}
	for i := range b.lists {
		l := &b.lists[i]
		n += words[byte](len(l.reps)) + words[byte](len(l.base)) + words[uint32](len(l.ends)) + words[piece](len(l.pieces))
	}
	return n
}

// Seal returns a copy of the batch that has no space for more rows: only Unseal and readers may follow. It
// is made in to, an unsealed copy of the same schema or nil, and its rows in block, which has Words
// of any contents and belongs to the copy from now on. The batch has to have rows, and whoever fills
// it to have released it.
func (b *Batch) Seal(to *Batch, block []uint64) *Batch {
	if to == nil {
		to = &Batch{schema: b.schema, cols: make([]column, len(b.cols)), branches: make([]presence, len(b.branches)), lists: make([]entries, len(b.lists))}
	}
	to.rows, to.bytes, to.source, to.block = b.rows, b.bytes, b.source, block
	to.sealTexts(b, &block)
	for i := range b.cols {
		c, of := &to.cols[i], &b.cols[i]
		c.there, c.same, c.rows = carve(&block, of.there), of.same, of.rows
		c.nums, c.ids = carve(&block, of.nums), carve(&block, of.ids)
	}
	for i, there := range b.branches {
		to.branches[i] = carve(&block, there)
	}
	for i := range b.lists {
		l, of := &to.lists[i], &b.lists[i]
		l.reps, l.base = carve(&block, of.reps), carve(&block, of.base)
		l.ends, l.pieces, l.values = carve(&block, of.ends), carve(&block, of.pieces), of.values
	}
	return to
}

// noEnds is how many ends the texts of a column have that has none.
const noEnds = 2

// sealTexts copies the texts of another batch. All columns without any share one.
func (b *Batch) sealTexts(of *Batch, block *[]uint64) {
	b.sealed = append(b.sealed[:0], texts{ends: carve(block, make([]uint32, noEnds))})
	for i := range of.cols {
		if t := of.cols[i].texts; t != nil && t.count() > 1 {
			b.sealed = append(b.sealed, texts{bytes: carve(block, t.bytes), ends: carve(block, t.ends), twins: t.twins})
		}
	}
	next := 1
	for i := range of.cols {
		switch t := of.cols[i].texts; {
		case t == nil:
		case t.count() == 1:
			b.cols[i].texts = &b.sealed[0]
		default:
			b.cols[i].texts = &b.sealed[next]
			next++
		}
	}
}

// Unseal returns the block of a sealed copy, which is empty then, and nil for any other batch. Nobody may
// be reading it.
func (b *Batch) Unseal() (block []uint64) {
	if b.block == nil {
		return nil
	}
	block, b.block = b.block, nil
	clear(b.cols)
	clear(b.branches)
	clear(b.lists)
	clear(b.sealed)
	b.rows, b.bytes, b.source = 0, 0, nil
	return block
}

// words is how many words of eight bytes so many values take.
func words[T any](n int) int { return (n*int(unsafe.Sizeof(*new(T))) + 7) / 8 }

// carve copies values to the beginning of a block, which it takes off. They have no pointers.
func carve[T byte | uint32 | int64 | present | piece](block *[]uint64, values []T) []T {
	n := len(values)
	if n == 0 {
		return nil
	}
	to := unsafe.Slice((*T)(unsafe.Pointer(&(*block)[0])), n)
	copy(to, values)
	*block = (*block)[words[T](n):]
	return to[:n:n]
}
