package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// This file splits records into levels and values; assemble.go is its inverse. An
// entry of a column has a definition level, which says how much of its path is
// present, and a repetition level, which says which list it continues: 0 begins a
// row. An absent attribute, or a list without items, adds one entry to every column
// below it.

// put splits one node. C is the node's cell and cells the record that holds it and,
// for a group, the cells of its children; rep is the repetition level of the node's
// first entry, and above its definition level if it is absent.
func (b *Batch) put(n *node, c *ocsf.Cell, cells []ocsf.Cell, rep, above uint8) {
	if !c.Set {
		b.absent(n, rep, above)
		return
	}
	switch n.shape {
	case number:
		b.number(n.first, c.Num, rep, n.def)
	case text:
		b.text(n, c, rep)
	case group:
		if !b.known(n, c) {
			b.group(n, cells, rep)
			b.remember(n, c)
		}
	case list:
		if !b.known(n, c) {
			b.items(n, c.Items, rep)
			b.remember(n, c)
		}
	case pairs:
		b.pairs(n, c.Pairs, rep)
	}
}

// absent adds the entry of an absent node to each of its columns.
func (b *Batch) absent(n *node, rep, def uint8) {
	if n.flat && def == 0 {
		return // the levels of flat columns are zero already
	}
	for i := n.first; i < n.last; i++ {
		c := &b.cols[i]
		if !c.repeated {
			c.defs[b.rows] = def
			continue
		}
		c.defs = append(c.defs, def)
		c.reps = append(c.reps, rep)
		b.bytes += 2
	}
}

func (b *Batch) group(n *node, cells []ocsf.Cell, rep uint8) {
	for i := range n.children {
		child := &n.children[i]
		b.put(child, &cells[child.cell], cells, rep, n.def)
	}
}

func (b *Batch) items(n *node, items []ocsf.Record, rep uint8) {
	if len(items) == 0 {
		b.absent(n, rep, n.def)
		return
	}
	for i := range items {
		cells := items[i].Cells
		for j := range n.children {
			child := &n.children[j]
			b.put(child, &cells[child.cell], cells, rep, n.item)
		}
		rep = n.rep
	}
}

func (b *Batch) number(leaf int, v int64, rep, def uint8) {
	c := &b.cols[leaf]
	if !c.repeated {
		c.defs[b.rows], c.nums[b.rows] = def, v
		return
	}
	c.defs = append(c.defs, def)
	c.reps = append(c.reps, rep)
	c.nums = append(c.nums, v)
	b.bytes += 10
}

func (b *Batch) text(n *node, cell *ocsf.Cell, rep uint8) {
	c := &b.cols[n.first]
	if !c.repeated {
		c.defs[b.rows], c.ids[b.rows] = n.def, b.flatText(n, c.texts, cell)
		return
	}
	id := b.textID(c.texts, cell.Text)
	c.defs = append(c.defs, n.def)
	c.reps = append(c.reps, rep)
	c.ids = append(c.ids, id)
	b.bytes += 6
}

// textID returns the number of a text in its column.
func (b *Batch) textID(t *texts, s string) uint32 {
	if t.at(t.last) != s {
		before := t.size()
		t.last = t.find(s)
		b.bytes += t.size() - before
	}
	return t.last
}

// flatText is textID for a column that is not repeated. It finds a text that the
// column has already by the ID of its cell.
func (b *Batch) flatText(n *node, t *texts, cell *ocsf.Cell) uint32 {
	if b.filler == nil || cell.ID == 0 || n.number < 0 || t.alone || len(cell.Text) > longestShared {
		return b.textID(t, cell.Text)
	}
	if id, ok := b.filler.find(n.number, cell.ID); ok {
		t.last = id
		return id
	}
	id := b.textID(t, cell.Text)
	b.filler.add(n.number, cell.ID, id)
	return id
}

// pairs adds the entries of a map, which most values of an alert go to. Most alerts
// have the same keys in the same order, and many keys have the same value as before:
// pairs guesses both, and looks up a text only if the guess is wrong.
func (b *Batch) pairs(n *node, ps []ocsf.Pair, rep uint8) {
	if len(ps) == 0 {
		b.absent(n, rep, n.def)
		return
	}
	k, v := &b.cols[n.first], &b.cols[n.first+1]
	before := k.texts.size() + v.texts.size()
	last := uint32(0)
	for i := range ps {
		last = k.texts.add(ps[i].Key, hint(&k.texts.next, last))
		k.ids = append(k.ids, last)
		v.ids = append(v.ids, v.texts.add(ps[i].Value, hint(&k.texts.value, last)))
		k.reps = append(k.reps, rep)
		k.defs = append(k.defs, n.def+1)
		v.defs = append(v.defs, n.def+2)
		rep = n.rep
	}
	v.reps = append(v.reps, k.reps[len(k.reps)-len(ps):]...)
	b.bytes += 12*len(ps) + k.texts.size() + v.texts.size() - before
}
