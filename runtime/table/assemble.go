package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// EventReader turns rows back into events. It belongs to one goroutine; any
// number of EventReaders may read one batch at once, beside any number of Encode.
type EventReader struct {
	schema *Schema
	event  *ocsf.Event
	batch  *Batch // the row being read, and for each column the next entry and value
	row    int
	entry  []uint32
	value  []uint32
}

// NewEventReader returns a reader of rows of this schema.
func (s *Schema) NewEventReader() *EventReader {
	return &EventReader{schema: s, event: ocsf.NewEvent(s.Layout),
		entry: make([]uint32, len(s.leaves)), value: make([]uint32, len(s.leaves))}
}

// Read returns a row as an event, which is valid until the next Read. Its texts
// alias the row's batch and are valid until the batch's Reset.
func (r *EventReader) Read(row Row) *ocsf.Event {
	r.event.Reset()
	r.batch, r.row = row.Batch, row.Index
	for i := range r.batch.cols {
		r.entry[i], r.value[i] = uint32(row.Index), uint32(row.Index)
		if c := &r.batch.cols[i]; c.repeated {
			r.entry[i], r.value[i] = c.entryStart(row.Index), c.valueStart(row.Index)
		}
	}
	for i := range r.schema.nodes {
		n := &r.schema.nodes[i]
		r.get(n, &r.event.Cells[n.cell], r.event.Cells)
	}
	return r.event
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

// get is the inverse of Batch.put: it reads the node's next entries of the row.
func (r *EventReader) get(n *node, c *ocsf.Cell, cells []ocsf.Cell) {
	if r.level(n) < n.def {
		r.skip(n)
		return
	}
	c.Set = true
	switch n.shape {
	case number:
		c.Num = r.batch.cols[n.first].nums[r.value[n.first]]
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
func (r *EventReader) level(n *node) uint8 { return r.batch.cols[n.first].defs[r.entry[n.first]] }

// skip passes the single entry that an absent node has in each of its columns.
func (r *EventReader) skip(n *node) {
	for i := n.first; i < n.last; i++ {
		if r.batch.cols[i].repeated {
			r.entry[i]++
		}
	}
}

// step passes an entry that has a value.
func (r *EventReader) step(leaf int) {
	if r.batch.cols[leaf].repeated {
		r.entry[leaf]++
		r.value[leaf]++
	}
}

func (r *EventReader) nextText(leaf int) string {
	c := &r.batch.cols[leaf]
	s := c.texts.at(c.ids[r.value[leaf]])
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
	for {
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: r.nextText(n.first), Value: r.nextText(n.first + 1)})
		if !r.more(n) {
			return
		}
	}
}

// more reports whether the list has another item in this row.
func (r *EventReader) more(n *node) bool {
	c, at := &r.batch.cols[n.first], r.entry[n.first]
	return at < c.entryEnd[r.row] && c.reps[at] == n.rep
}
