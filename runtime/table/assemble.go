package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// EventReader turns rows back into events. It belongs to one goroutine; any
// number of EventReaders may read one batch at once, beside any number of Encode.
type EventReader struct {
	schema *Schema
	event  *ocsf.Event
	batch  *Batch // the row being read, and for each column the next entry, or piece of a map
	row    int
	entry  []int
}

// NewEventReader returns a reader of rows of this schema.
func (s *Schema) NewEventReader() *EventReader {
	return &EventReader{schema: s, event: ocsf.NewEvent(s.Layout), entry: make([]int, len(s.leaves))}
}

// Read returns a row as an event, which is valid until the next Read. Its texts
// alias the row's batch and are valid until the batch's Reset.
func (r *EventReader) Read(row Row) *ocsf.Event {
	r.event.Reset()
	r.batch, r.row = row.Batch, row.Index
	for i := range r.entry {
		r.entry[i] = row.Index
		if list := r.schema.leaves[i].list; list != flat {
			r.entry[i] = r.batch.lists[list].start(row.Index)
		}
	}
	for i := range r.schema.nodes {
		n := &r.schema.nodes[i]
		r.get(n, &r.event.Cells[n.cell], r.event.Cells)
	}
	return r.event
}

// get is the inverse of Batch.put: it reads the node's next entries of the row.
func (r *EventReader) get(n *node, c *ocsf.Cell, cells []ocsf.Cell) {
	if r.level(n) < n.def {
		r.skip(n)
		return
	}
	c.Set = true
	switch n.shape {
	case number:
		of := &r.batch.cols[n.first]
		c.Num = of.nums[of.index(r.entry[n.first])]
		r.step(n.first)
	case text:
		c.Text = r.nextText(n.first)
	case group:
		for i := range n.children {
			child := &n.children[i]
			r.get(child, &cells[child.cell], cells)
		}
	case list:
		r.getItems(n, c)
	case pairs:
		r.getPairs(n, c)
	}
}

// level is the definition level of the node's next entry.
func (r *EventReader) level(n *node) uint8 { return r.batch.level(n.first, r.entry[n.first]) }

// skip passes the single entry that an absent node has in each of its columns, or a piece of a map.
func (r *EventReader) skip(n *node) {
	for i := n.first; i < n.last; i++ {
		r.step(i)
	}
}

// step passes an entry. A flat column has one in each row.
func (r *EventReader) step(leaf int) { r.entry[leaf]++ }

func (r *EventReader) nextText(leaf int) string {
	c := &r.batch.cols[leaf]
	s := c.texts.at(c.ids[c.index(r.entry[leaf])])
	r.step(leaf)
	return s
}

func (r *EventReader) getItems(n *node, c *ocsf.Cell) {
	if r.level(n) == n.def { // no items
		r.skip(n)
		return
	}
	for {
		cells := c.Add(n.itemCells).Cells
		for i := range n.children {
			child := &n.children[i]
			r.get(child, &cells[child.cell], cells)
		}
		if !r.more(n) {
			return
		}
	}
}

func (r *EventReader) getPairs(n *node, c *ocsf.Cell) {
	if r.level(n) == n.def { // no pairs
		r.skip(n)
		return
	}
	l, k, v := &r.batch.lists[n.firstList], &r.batch.cols[n.first], &r.batch.cols[n.first+1]
	for {
		p := &l.pieces[r.entry[n.first]]
		for i := p.at; i < p.at+p.n; i++ {
			c.Pairs = append(c.Pairs, ocsf.Pair{Key: k.texts.at(k.ids[i]), Value: v.texts.at(v.ids[i])})
		}
		r.skip(n)
		if !r.more(n) {
			return
		}
	}
}

// more reports whether the list has another item in this row.
func (r *EventReader) more(n *node) bool {
	leaf, at := &r.schema.leaves[n.first], r.entry[n.first]
	switch l := &r.batch.lists[leaf.list]; {
	case at == int(l.ends[r.row]):
		return false
	case leaf.role != member:
		return l.pieces[at].rep == n.rep
	default:
		return l.reps[at] == n.rep
	}
}
