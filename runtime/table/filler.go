package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// Filler appends the events of one source of events, in which equal IDs of cells stand
// for equal contents (ocsf.Cell.ID). It finds contents that a batch has already by
// their ID, without looking at them. What it appends is what Batch.Append appends, to
// the byte. It belongs to one goroutine.
type Filler struct {
	batch *Batch
	fill  uint64     // which filling of the batch
	epoch uint32     // counts changes of batch or filling
	seen  []seen     // by node
	slots [][]uint64 // by leaf: empty tables of texts that no batch has
}

// seen says where a batch has the contents of cells by their IDs: the number of a
// text, or the row of a list. It is a cache with two places for each ID.
type seen struct{ entries []seenEntry }

type seenEntry struct{ id, epoch, at uint32 }

const (
	leastSeen = 16
	mostSeen  = 4 << 10 // a source has not many more IDs of one cell at a time
)

// NewFiller returns a Filler for batches of this schema.
func (s *Schema) NewFiller() *Filler {
	return &Filler{seen: make([]seen, s.counted), slots: make([][]uint64, len(s.leaves))}
}

// Append adds an event of the schema's layout as a row. It copies the event's texts.
func (f *Filler) Append(b *Batch, ev *ocsf.Event) {
	if f.batch != b || f.fill != b.fill {
		f.batch, f.fill = b, b.fill
		if f.epoch++; f.epoch == 0 { // it wrapped around: entries of old epochs would look new
			clear(f.seen)
			f.epoch++
		}
		f.lend()
	}
	b.filler = f
	b.Append(ev)
	b.filler = nil
}

// lend gives the batch tables for its texts. Only who fills a batch needs them: those of a Filler stay
// in the caches of its processor, and batches that wait take no memory for theirs.
func (f *Filler) lend() {
	for i := range f.batch.cols {
		if t := f.batch.cols[i].texts; t != nil && t.slots == nil && t.count() == 1 {
			t.slots, f.slots[i] = f.slots[i], nil
		}
	}
}

// Release drops the batch that was filled last, which nobody else may use meanwhile.
func (f *Filler) Release() {
	if f.batch == nil {
		return
	}
	for i := range f.batch.cols {
		if t := f.batch.cols[i].texts; t != nil && t.slots != nil && f.slots[i] == nil {
			clear(t.slots)
			t.slots, f.slots[i] = nil, t.slots
		}
	}
	f.batch = nil
}

// find returns where the contents with an ID are.
func (f *Filler) find(leaf int, id uint32) (at uint32, ok bool) {
	entries := f.seen[leaf].entries
	if len(entries) == 0 {
		return 0, false
	}
	i := id & uint32(len(entries)-1)
	e := &entries[i]
	if e.id != id || e.epoch != f.epoch {
		e = &entries[i^1]
	}
	return e.at, e.id == id && e.epoch == f.epoch
}

// add notes where the contents with an ID are.
func (f *Filler) add(leaf int, id, at uint32) {
	s := &f.seen[leaf]
	for {
		if n := len(s.entries); n > 0 {
			i := id & uint32(n-1)
			if s.entries[i].epoch == f.epoch && s.entries[i].id != id && s.entries[i^1].epoch != f.epoch {
				i ^= 1
			}
			if e := &s.entries[i]; e.epoch != f.epoch || e.id == id || n >= mostSeen {
				*e = seenEntry{id, f.epoch, at}
				return
			}
		}
		s.grow(f.epoch)
	}
}

func (s *seen) grow(epoch uint32) {
	old := s.entries
	s.entries = make([]seenEntry, max(leastSeen, 4*len(old)))
	for _, e := range old {
		if e.epoch == epoch {
			i := e.id & uint32(len(s.entries)-1)
			if s.entries[i].epoch == epoch {
				i ^= 1
			}
			s.entries[i] = e
		}
	}
}

// known adds a group or list of the event itself that an earlier row has, if its ID
// says which. It returns false if it does not.
func (b *Batch) known(n *node, c *ocsf.Cell) bool {
	if b.filler == nil || c.ID == 0 || n.number < 0 {
		return false
	}
	row, ok := b.filler.find(n.number, c.ID)
	if ok {
		b.again(n, int(row))
	}
	return ok
}

// remember lets known find what the current row has for a node.
func (b *Batch) remember(n *node, c *ocsf.Cell) {
	if b.filler != nil && c.ID != 0 && n.number >= 0 && b.short(n) {
		b.filler.add(n.number, c.ID, uint32(b.rows))
	}
}

// again adds the entries that an earlier row has for a group or list.
func (b *Batch) again(n *node, row int) {
	for i := n.firstList; i < n.lastList; i++ {
		b.listAgain(i, row)
	}
	for i := n.firstBranch; i < n.lastBranch; i++ {
		if b.schema.branches[i].list == flat && b.branches[i].has(row) {
			b.branches[i].add(b.rows)
		}
	}
	for i := n.first; i < n.last; i++ {
		if b.schema.leaves[i].list == flat {
			b.flatAgain(i, row)
		}
	}
}

// flatAgain gives the current row the value that an earlier row has.
func (b *Batch) flatAgain(leaf, row int) {
	c := &b.cols[leaf]
	switch {
	case c.same != 0 && row < c.rows && c.rows == b.rows:
		c.rows++
		return
	case !c.has(row):
		return
	}
	c.spread() // with what all rows have
	c.there.add(b.rows)
	if at := c.there.rank(row); c.texts == nil {
		c.nums = append(c.nums, c.nums[at])
	} else {
		c.ids = append(c.ids, b.textAgain(c.texts, c.ids[at]))
	}
}

// listAgain adds the entries that an earlier row has in a list, with their values.
func (b *Batch) listAgain(list, row int) {
	l, parts := &b.lists[list], &b.schema.lists[list]
	from, to := l.start(row), int(l.ends[row])
	at := b.enterAgain(list, l, from, to)
	for _, i := range parts.branches {
		b.branches[i].copy(at, b.branches[i], from, to)
	}
	for _, i := range parts.leaves {
		c := &b.cols[i]
		first, end := c.there.rank(from), c.there.rank(to)
		if first == end {
			continue
		}
		c.there.copy(at, c.there, from, to)
		if c.texts == nil {
			c.nums = append(c.nums, c.nums[first:end]...)
			b.bytes += numberBytes * (end - first)
			continue
		}
		for _, id := range c.ids[first:end] {
			c.ids = append(c.ids, b.textAgain(c.texts, id))
		}
		b.bytes += textBytes * (end - first)
	}
}

// enterAgain adds entries of a list, which may be that of another batch, and returns the first.
func (b *Batch) enterAgain(list int, of *entries, from, to int) int {
	l, at := b.extend(list, to-from)
	copy(l.reps[at:], of.reps[from:to])
	copy(l.base[at:], of.base[from:to])
	return at
}

// textAgain returns the number of a text that the column has.
func (b *Batch) textAgain(t *texts, id uint32) uint32 {
	if t.alone {
		return b.textID(t, t.at(id))
	}
	t.last = id
	return id
}

// short reports whether all texts that the current row has for a group or list are shared by
// the rows that have them.
func (b *Batch) short(n *node) bool {
	for i := n.first; i < n.last; i++ {
		c := &b.cols[i]
		if c.texts == nil {
			continue
		}
		entry := b.rows
		if list := b.schema.leaves[i].list; list != flat {
			entry = b.lists[list].start(b.rows)
		}
		for _, id := range c.ids[c.index(entry):] {
			if len(c.texts.at(id)) > longestShared {
				return false
			}
		}
	}
	return true
}
