package table

// AppendRow adds a row of another batch of the same schema and copies its texts. It
// only reads the other batch, which others may read at the same time.
func (b *Batch) AppendRow(from Row) {
	for list := range b.schema.lists {
		l, parts := &from.Batch.lists[list], &b.schema.lists[list]
		if len(parts.leaves) == 0 {
			continue // only lists are in it
		}
		start, end := l.start(from.Index), int(l.ends[from.Index])
		at := b.enterAgain(list, l, start, end)
		for _, i := range parts.branches {
			b.branches[i].copy(at, from.Batch.branches[i], start, end)
		}
		for _, leaf := range parts.leaves {
			b.copyEntries(leaf, at, from.Batch, start, end)
		}
	}
	for i := range b.branches {
		if b.schema.branches[i].list == flat {
			b.branches[i].copy(b.rows, from.Batch.branches[i], from.Index, from.Index+1)
		}
	}
	for leaf := range b.cols {
		if b.schema.leaves[leaf].list == flat {
			b.copyEntries(leaf, b.rows, from.Batch, from.Index, from.Index+1)
		}
	}
	b.endRow()
}

// copyEntries copies entries of a column to those from at on.
func (b *Batch) copyEntries(leaf, at int, of *Batch, from, to int) {
	src, l := &of.cols[leaf], &b.schema.leaves[leaf]
	number, text := 0, 0
	if l.list != flat {
		number, text = numberBytes, textBytes
	}
	for k := from; k < to; k++ {
		if !src.has(k) {
			continue
		}
		c := b.column(leaf)
		c.there.add(at + k - from)
		if c.texts == nil {
			c.nums = append(c.nums, src.nums[src.index(k)])
			b.bytes += number
			continue
		}
		before := c.texts.size()
		c.ids = append(c.ids, c.texts.add(src.texts.at(src.ids[src.index(k)]), b.guess(leaf, at+k-from)))
		b.bytes += text + c.texts.size() - before
	}
}

// guess is where a text may be that comes to an entry, as Append guesses: in the keys of
// a map, that which came after the key before it; for a value, the one that its key had;
// elsewhere, the text before.
func (b *Batch) guess(leaf, at int) *uint32 {
	c, l := &b.cols[leaf], &b.schema.leaves[leaf]
	switch l.role {
	case mapKey:
		last := uint32(0)
		if b.lists[l.list].reps[at] == l.maxRep { // the map goes on
			last = c.ids[len(c.ids)-1]
		}
		return hint(&c.texts.next, last)
	case mapValue:
		keys := &b.cols[leaf-1]
		return hint(&keys.texts.value, keys.ids[keys.index(at)])
	}
	return &c.texts.last
}
