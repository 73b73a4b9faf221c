package table

// AppendRow adds a row of another batch of the same schema and copies its texts. It
// only reads the other batch, which others may read at the same time.
func (b *Batch) AppendRow(from Row) {
	for list := range b.schema.lists {
		l, parts := &from.Batch.lists[list], &b.schema.lists[list]
		switch {
		case len(parts.leaves) == 0:
			continue // only lists are in it
		case parts.isMap:
			b.copyMap(list, from)
			continue
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
	src, number, text := &of.cols[leaf], 0, 0
	if b.schema.leaves[leaf].list != flat {
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
		c.ids = append(c.ids, c.texts.add(src.texts.at(src.ids[src.index(k)]), &c.texts.last))
		b.bytes += text + c.texts.size() - before
	}
}
