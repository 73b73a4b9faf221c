package table

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// This file splits records into levels and values; assemble.go is its inverse. An
// entry of a column has a definition level, which says how much of its path is
// present, and a repetition level, which says which list it continues: 0 begins a
// row. An absent attribute, or a list without items, adds one entry to every list
// below it.

// put splits nodes with the record of their cells. Rep is the repetition level of the
// first entry of a list among them, and above its definition level if it is absent.
func (b *Batch) put(nodes []node, cells []ocsf.Cell, rep, above uint8) {
	for i := range nodes {
		n := &nodes[i]
		c := &cells[n.cell]
		switch {
		case !c.Set:
			if n.firstList < n.lastList {
				b.absent(n, rep, above)
			}
		case c.ID != 0 && b.goesOn(n, c.ID):
		case n.shape == number:
			b.number(n, c)
		case n.shape == text:
			b.text(n, c)
		case b.known(n, c):
		default:
			b.nested(n, c, cells, rep)
			b.remember(n, c)
		}
	}
}

// goesOn adds the current row to those that are the same in a column, if it is.
func (b *Batch) goesOn(n *node, id uint32) bool {
	c := &b.cols[n.first]
	if c.same != id || c.rows != b.rows || n.shape > text {
		return false
	}
	c.rows++
	return true
}

// begins notes that rows after the first may have the same in a column.
func (b *Batch) begins(c *column, cell *ocsf.Cell) {
	if b.rows == 0 && b.source != nil {
		c.same, c.rows = cell.ID, 1
	}
}

// nested splits a node that is present and has others below it.
func (b *Batch) nested(n *node, c *ocsf.Cell, cells []ocsf.Cell, rep uint8) {
	switch n.shape {
	case group:
		b.branches[n.branch].add(b.last(n.list))
		b.put(n.children, cells, rep, n.def)
	case list:
		b.items(n, c.Items, rep)
	case pairs:
		b.pairs(n, c.Pairs, rep)
	}
}

// absent adds the entry of an absent node to the lists in it.
func (b *Batch) absent(n *node, rep, def uint8) {
	for i := n.firstList; i < n.lastList; i++ {
		b.enter(i, rep, def)
	}
}

// enter adds an entry to a list.
func (b *Batch) enter(list int, rep, base uint8) {
	if l, parts := &b.lists[list], &b.schema.lists[list]; parts.isMap {
		l.pieces = append(l.pieces, piece{rep: rep, base: base})
	} else {
		l.reps, l.base = append(l.reps, rep), append(l.base, base)
	}
	b.bytes += levelBytes * len(b.schema.lists[list].leaves)
}

// extend adds n entries to a list, whose levels the caller sets. It returns the first.
func (b *Batch) extend(list, n int) (l *entries, at int) {
	l = &b.lists[list]
	at = len(l.reps)
	l.reps, l.base = slices.Grow(l.reps, n)[:at+n], slices.Grow(l.base, n)[:at+n]
	b.bytes += levelBytes * n * len(b.schema.lists[list].leaves)
	return l, at
}

// last is the current entry of the columns of a list, or of flat ones.
func (b *Batch) last(list int) int {
	if list == flat {
		return b.rows
	}
	return len(b.lists[list].reps) - 1
}

func (b *Batch) items(n *node, items []ocsf.Record, rep uint8) {
	if len(items) == 0 {
		b.absent(n, rep, n.def)
		return
	}
	for i := range items {
		b.enter(n.firstList, rep, n.item)
		b.put(n.children, items[i].Cells, rep, n.item)
		rep = n.rep
	}
}

// Weights of an entry in a list, for each column that it is in: see Batch.Bytes.
const (
	levelBytes  = 2
	numberBytes = 8
	textBytes   = 4 // besides the text
)

func (b *Batch) number(n *node, cell *ocsf.Cell) {
	c := b.column(n.first)
	c.there.add(b.last(n.list))
	c.nums = append(c.nums, cell.Num)
	if n.list == flat {
		b.begins(c, cell)
	} else {
		b.bytes += numberBytes
	}
}

func (b *Batch) text(n *node, cell *ocsf.Cell) {
	c := b.column(n.first)
	c.there.add(b.last(n.list))
	if n.list == flat {
		c.ids = append(c.ids, b.flatText(n, c.texts, cell))
		b.begins(c, cell)
		return
	}
	c.ids = append(c.ids, b.textID(c.texts, cell.Text))
	b.bytes += textBytes
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

// flatText is textID for a flat column. It finds a text that the
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

// pairs adds the entries of a map, which most values of an alert go to. Groups that repeat
// are not looked at.
func (b *Batch) pairs(n *node, ps []ocsf.Pair, rep uint8) {
	if len(ps) == 0 {
		b.absent(n, rep, n.def)
		return
	}
	m, entries := b.fillMap(n.firstList, rep), 0
	for i := range ps {
		if p := &ps[i]; p.Group == nil {
			m.add(p.Key, p.Value)
			entries++
		} else {
			m.group(n, p.Group)
			entries += len(p.Group.Leaves)
		}
	}
	m.end(entries)
}
