package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// Event puts a row together again, into an event of the same layout. The
// event's texts alias the batch: they are valid until its Reset.
func (b *Batch) Event(row int, ev *ocsf.Event) {
	ev.Reset()
	if b.entry == nil {
		b.entry, b.value = make([]uint32, len(b.cols)), make([]uint32, len(b.cols))
	}
	for i := range b.cols {
		b.entry[i], b.value[i] = uint32(row), uint32(row)
		if c := &b.cols[i]; c.repeated {
			b.entry[i], b.value[i] = c.entryStart(row), c.valueStart(row)
		}
	}
	for i := range b.schema.nodes {
		n := &b.schema.nodes[i]
		b.get(n, row, &ev.Cells[n.cell], ev.Cells)
	}
}

func (c *column) entryStart(row int) uint32 {
	if row == 0 {
		return 0
	}
	return c.entryEnd[row-1]
}

func (c *column) valueStart(row int) uint32 {
	if row == 0 {
		return 0
	}
	return c.valueEnd[row-1]
}

// get is the inverse of put: it reads the node's next entries of a row.
func (b *Batch) get(n *node, row int, c *ocsf.Cell, cells []ocsf.Cell) {
	if b.cols[n.first].defs[b.entry[n.first]] < n.def {
		b.skip(n)
		return
	}
	c.Set = true
	switch n.shape {
	case number:
		c.Num = b.cols[n.first].nums[b.value[n.first]]
		b.step(n.first)
	case text:
		c.Text = b.nextText(n.first)
	case group:
		for i := range n.children {
			child := &n.children[i]
			b.get(child, row, &cells[child.cell], cells)
		}
	case list:
		b.getItems(n, row, c)
	case pairs:
		b.getPairs(n, row, c)
	}
}

// skip passes the one entry that something absent has in each column.
func (b *Batch) skip(n *node) {
	for i := n.first; i < n.last; i++ {
		if b.cols[i].repeated {
			b.entry[i]++
		}
	}
}

// step passes an entry that has a value.
func (b *Batch) step(leaf int) {
	if b.cols[leaf].repeated {
		b.entry[leaf]++
		b.value[leaf]++
	}
}

func (b *Batch) nextText(leaf int) string {
	c := &b.cols[leaf]
	s := c.texts.at(c.ids[b.value[leaf]])
	b.step(leaf)
	return s
}

func (b *Batch) getItems(n *node, row int, c *ocsf.Cell) {
	if b.cols[n.first].defs[b.entry[n.first]] == n.def { // no items
		b.skip(n)
		return
	}
	for {
		cells := c.Add(n.itemCells).Cells
		for i := range n.children {
			child := &n.children[i]
			b.get(child, row, &cells[child.cell], cells)
		}
		if !b.more(n, row) {
			return
		}
	}
}

func (b *Batch) getPairs(n *node, row int, c *ocsf.Cell) {
	if b.cols[n.first].defs[b.entry[n.first]] == n.def { // no pairs
		b.skip(n)
		return
	}
	for {
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: b.nextText(n.first), Value: b.nextText(n.first + 1)})
		if !b.more(n, row) {
			return
		}
	}
}

// more tells whether the row goes on with another item of the list.
func (b *Batch) more(n *node, row int) bool {
	c, at := &b.cols[n.first], b.entry[n.first]
	return at < c.entryEnd[row] && c.reps[at] == n.rep
}
