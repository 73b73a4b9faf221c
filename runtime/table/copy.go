package table

// AppendRow adds a row of another batch of the same schema and copies its texts. It
// only reads the other batch, which others may read at the same time.
func (b *Batch) AppendRow(from Row) {
	if b.rows == b.space {
		b.grow()
	}
	for i := range b.cols {
		if src := &from.Batch.cols[i]; src.repeated {
			b.copyEntries(i, src, from.Index)
		} else {
			b.copyFlat(i, src, from.Index)
		}
	}
	b.endRow()
}

func (b *Batch) copyFlat(leaf int, src *column, row int) {
	c := &b.cols[leaf]
	c.defs[b.rows] = src.defs[row]
	switch {
	case src.defs[row] < b.schema.leaves[leaf].maxDef:
	case c.texts == nil:
		c.nums[b.rows] = src.nums[row]
	default:
		before := c.texts.size()
		c.ids[b.rows] = c.texts.add(src.texts.at(src.ids[row]), &c.texts.last)
		b.bytes += c.texts.size() - before
	}
}

func (b *Batch) copyEntries(leaf int, src *column, row int) {
	c := &b.cols[leaf]
	from, to := src.entryStart(row), src.entryEnd[row]
	c.defs = append(c.defs, src.defs[from:to]...)
	c.reps = append(c.reps, src.reps[from:to]...)
	b.bytes += 2 * int(to-from)
	from, to = src.valueStart(row), src.valueEnd[row]
	if c.texts == nil {
		c.nums = append(c.nums, src.nums[from:to]...)
		b.bytes += 8 * int(to-from)
	} else {
		before := c.texts.size()
		b.copyTexts(leaf, src, row)
		b.bytes += 4*int(to-from) + c.texts.size() - before
	}
	c.endRow()
}

// copyTexts copies the texts of a repeated column. It guesses as Append does:
// in the keys of a map the key that came after this one before, for a value the
// one that its key had, elsewhere the text before.
func (b *Batch) copyTexts(leaf int, src *column, row int) {
	c, l := &b.cols[leaf], &b.schema.leaves[leaf]
	ids := src.ids[src.valueStart(row):src.valueEnd[row]]
	switch l.role {
	case mapKey:
		last, value := uint32(0), 0
		for e := src.entryStart(row); e < src.entryEnd[row]; e++ {
			if src.reps[e] < l.maxRep { // another map begins
				last = 0
			}
			if src.defs[e] == l.maxDef {
				last = c.texts.add(src.texts.at(ids[value]), hint(&c.texts.next, last))
				c.ids = append(c.ids, last)
				value++
			}
		}
	case mapValue:
		keys := &b.cols[leaf-1]
		own := keys.ids[len(keys.ids)-len(ids):]
		for i, id := range ids {
			c.ids = append(c.ids, c.texts.add(src.texts.at(id), hint(&keys.texts.value, own[i])))
		}
	default:
		for _, id := range ids {
			c.ids = append(c.ids, c.texts.add(src.texts.at(id), &c.texts.last))
		}
	}
}
