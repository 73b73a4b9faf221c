package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// Filler appends the events of one source of events, in which equal IDs of cells stand
// for equal contents (ocsf.Cell.ID). It finds contents that a batch has already by
// their ID, without looking at them. What it appends is what Batch.Append appends, to
// the byte. It belongs to one goroutine.
type Filler struct {
	batch *Batch
	fill  uint64 // which filling of the batch
	epoch uint32 // counts changes of batch or filling
	seen  []seen // by node
}

// seen says where a batch has the contents of cells by their IDs: the number of a
// text, or the row of a list. It is a cache with one place for each ID.
type seen struct{ entries []seenEntry }

type seenEntry struct{ id, epoch, at uint32 }

const (
	leastSeen = 16
	mostSeen  = 4 << 10 // a source has not many more IDs of one cell at a time
)

// NewFiller returns a Filler for batches of this schema.
func (s *Schema) NewFiller() *Filler { return &Filler{seen: make([]seen, s.counted)} }

// Append adds an event of the schema's layout as a row. It copies the event's texts.
func (f *Filler) Append(b *Batch, ev *ocsf.Event) {
	if f.batch != b || f.fill != b.fill {
		f.batch, f.fill = b, b.fill
		if f.epoch++; f.epoch == 0 { // it began anew: entries of old epochs would look new
			clear(f.seen)
			f.epoch++
		}
	}
	b.filler = f
	b.Append(ev)
	b.filler = nil
}

// Release drops the batch that was filled last.
func (f *Filler) Release() { f.batch = nil }

// find returns where the contents with an ID are.
func (f *Filler) find(leaf int, id uint32) (at uint32, ok bool) {
	entries := f.seen[leaf].entries
	if len(entries) == 0 {
		return 0, false
	}
	e := &entries[id&uint32(len(entries)-1)]
	return e.at, e.id == id && e.epoch == f.epoch
}

// add notes where the contents with an ID are.
func (f *Filler) add(leaf int, id, at uint32) {
	s := &f.seen[leaf]
	for {
		if n := len(s.entries); n > 0 {
			e := &s.entries[id&uint32(n-1)]
			if e.epoch != f.epoch || e.id == id || n >= mostSeen {
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
			s.entries[e.id&uint32(len(s.entries)-1)] = e
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
	for i := n.first; i < n.last; i++ {
		c := &b.cols[i]
		if !c.repeated {
			b.flatAgain(c, b.schema.leaves[i].maxDef, row)
			continue
		}
		from, to := c.entryStart(row), c.entryEnd[row]
		c.defs = append(c.defs, c.defs[from:to]...)
		c.reps = append(c.reps, c.reps[from:to]...)
		b.bytes += 2 * int(to-from)
		from, to = c.valueStart(row), c.valueEnd[row]
		switch {
		case from == to:
		case c.texts == nil:
			c.nums = append(c.nums, c.nums[from:to]...)
			b.bytes += 8 * int(to-from)
		default:
			b.bytes += c.textsAgain(from, to)
		}
	}
}

// flatAgain gives the current row the value that an earlier row has.
func (b *Batch) flatAgain(c *column, there uint8, row int) {
	def := c.defs[row]
	c.defs[b.rows] = def
	switch t := c.texts; {
	case def != there:
	case t == nil:
		c.nums[b.rows] = c.nums[row]
	case t.alone:
		c.ids[b.rows] = b.textID(t, t.at(c.ids[row]))
	default:
		t.last = c.ids[row]
		c.ids[b.rows] = t.last
	}
}

// textsAgain adds the texts of earlier values, and returns the bytes that it takes.
func (c *column) textsAgain(from, to uint32) int {
	t := c.texts
	if !t.alone {
		c.ids = append(c.ids, c.ids[from:to]...)
		t.last = c.ids[len(c.ids)-1]
		return 4 * int(to-from)
	}
	before := t.size()
	for i := from; i < to; i++ {
		id := c.ids[i]
		if s := t.at(id); t.at(t.last) != s {
			t.last = t.find(s)
		}
		c.ids = append(c.ids, t.last)
	}
	return 4*int(to-from) + t.size() - before
}

// short reports whether all texts that the current row has for a list are shared by
// the rows that have them.
func (b *Batch) short(n *node) bool {
	for i := n.first; i < n.last; i++ {
		c := &b.cols[i]
		if c.texts == nil {
			continue
		}
		if !c.repeated {
			if c.defs[b.rows] == b.schema.leaves[i].maxDef && len(c.texts.at(c.ids[b.rows])) > longestShared {
				return false
			}
			continue
		}
		from := uint32(0)
		if b.rows > 0 {
			from = c.valueEnd[b.rows-1]
		}
		for _, id := range c.ids[from:] {
			if len(c.texts.at(id)) > longestShared {
				return false
			}
		}
	}
	return true
}
