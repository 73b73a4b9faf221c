package plan

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Bounds of what one Worker remembers. Beyond them it forgets.
const (
	mostRecalled  = 4 << 10 // results of one unit
	recalledBytes = 4 << 20 // of all units, as cells and texts

	// After this many alerts, a unit is given up whose values are nearly always new.
	recallTrial = 1024
)

// Numbers that stand for the contents of cells (ocsf.Cell.ID). Those of wanted values
// (alert.Reader.Known) are below resultID, and none is constantID.
const (
	constantID = 1
	resultID   = 1 << 30 // plus the number of a result of a unit
	captionID  = 1 << 31 // plus the id that the caption belongs to
)

// recall is the results of a unit by the numbers of the values that it followed from.
type recall struct {
	keys    []uint32 // of result i: keys[i*wants : (i+1)*wants]
	results []recalled
	slots   []uint32 // hash table of i+1, 0 is free; a power of two long
	looked  int
	fresh   int
	off     bool
}

// recalled is what the steps of a unit did. It owns its cells and texts.
type recalled struct {
	cells   []ocsf.Cell
	written []place
	live    bool
}

// place is where in a wanted value something begins that was written.
type place struct {
	want   int32
	offset uint32
}

// unit runs the steps of a unit from pc on, or recalls what they gave for the same
// values. The result is the same.
func (w *Worker) unit(u *unit, pc int, rec *ocsf.Record) (live bool) {
	m := &w.recalls[u.number]
	if m.off || !w.key(u) {
		return w.plainUnit(u, pc, rec)
	}
	m.looked++
	at, hash := m.find(w.keys)
	if at >= 0 {
		return w.recalled(&m.results[at], u, rec)
	}
	m.fresh++
	if m.looked >= recallTrial && m.fresh*8 > m.looked*7 {
		w.giveUp(m)
		return w.plainUnit(u, pc, rec)
	}
	return w.learn(m, u, pc, rec, hash)
}

// key puts the numbers of the unit's values into w.keys. It returns false if one of
// them has no number.
func (w *Worker) key(u *unit) bool {
	w.keys = w.keys[:0]
	for _, i := range u.wants {
		n := w.alert.Known(i)
		if n == alert.Unique {
			return false
		}
		w.keys = append(w.keys, n)
	}
	return true
}

// plainUnit runs the steps of a unit one by one.
func (w *Worker) plainUnit(u *unit, pc int, rec *ocsf.Record) (live bool) {
	for pc < u.end {
		next, l := w.step(pc, rec)
		live, pc = l || live, next
	}
	return live
}

// recalled writes the cells of a result.
func (w *Worker) recalled(r *recalled, u *unit, rec *ocsf.Record) bool {
	copy(rec.Cells[u.first:u.last], r.cells)
	for _, p := range r.written {
		w.origins.Written(w.alert.Origin(int(p.want), p.offset))
	}
	return r.live
}

// learn runs the steps and remembers their result. It does not remember failures: each
// is counted, and its value shown, where it happens.
func (w *Worker) learn(m *recall, u *unit, pc int, rec *ocsf.Record, hash uint32) bool {
	mark, failures, partly := w.origins.Mark(), len(w.failures), w.partly
	key := append(make([]uint32, 0, mostWants), w.keys...) // units inside use w.keys
	live := w.plainUnit(u, pc, rec)
	if len(w.failures) > failures || w.partly > partly {
		return live
	}
	r := recalled{live: live}
	if !w.places(&r, u, mark) {
		return live
	}
	if w.results == resultID-1 {
		return live // no number is left
	}
	if len(m.results) == mostRecalled || w.recalledBytes > recalledBytes {
		w.forget(m)
	}
	w.results++
	id := uint32(resultID) + w.results
	r.cells = append(r.cells, rec.Cells[u.first:u.last]...)
	for i := range r.cells {
		w.recalledBytes += own(&r.cells[i], id)
	}
	copy(rec.Cells[u.first:u.last], r.cells)
	m.add(key, r, hash)
	return live
}

// places turns what was written since the mark into places within the unit's values.
// It returns false if something is in none of them.
func (w *Worker) places(r *recalled, u *unit, mark int) bool {
	ok := true
	if w.machine.Origins == nil {
		return true
	}
	w.origins.Since(mark, func(at alert.Origin) {
		for _, i := range u.wants {
			if offset, inside := w.alert.Within(i, at); inside {
				r.written = appendNew(r.written, place{int32(i), offset})
				return
			}
		}
		ok = false
	})
	return ok
}

// cellBytes is the memory of a cell.
const cellBytes = 96

// own makes a cell own its text and items, and gives it the number of its unit's
// result unless it has one. It returns the bytes that it takes.
func own(c *ocsf.Cell, id uint32) (bytes int) {
	if c.ID == 0 || len(c.Items) > 0 {
		c.ID = id
	}
	bytes = cellBytes + len(c.Text)
	c.Text = strings.Clone(c.Text)
	for i := range c.Items {
		cells := c.Items[i].Cells
		for j := range cells {
			bytes += own(&cells[j], 0)
		}
	}
	c.Items, c.Pairs = c.Items[:len(c.Items):len(c.Items)], nil
	return bytes
}

// find returns the result for a key, or -1, and the hash of the key.
func (m *recall) find(key []uint32) (at int, hash uint32) {
	h := uint64(0x9e3779b97f4a7c15)
	for _, n := range key {
		h = (h ^ uint64(n)) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	hash = uint32(h)
	if len(m.slots) == 0 {
		return -1, hash
	}
	mask := uint32(len(m.slots) - 1)
	for i := hash & mask; m.slots[i] != 0; i = (i + 1) & mask {
		at := int(m.slots[i]) - 1
		if equal(m.keys[at*len(key):(at+1)*len(key)], key) {
			return at, hash
		}
	}
	return -1, hash
}

func equal(a, b []uint32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func (m *recall) add(key []uint32, r recalled, hash uint32) {
	m.keys, m.results = append(m.keys, key...), append(m.results, r)
	if 2*len(m.results) > len(m.slots) {
		m.grow(len(key))
		return
	}
	m.seat(hash, len(m.results))
}

func (m *recall) seat(hash uint32, number int) {
	mask := uint32(len(m.slots) - 1)
	i := hash & mask
	for m.slots[i] != 0 {
		i = (i + 1) & mask
	}
	m.slots[i] = uint32(number)
}

// grow makes a larger hash table of all results.
func (m *recall) grow(wants int) {
	slots := make([]uint32, max(16, 2*len(m.slots)))
	m.slots = nil
	hashes := make([]uint32, len(m.results))
	for i := range hashes {
		_, hashes[i] = m.find(m.keys[i*wants : (i+1)*wants])
	}
	m.slots = slots
	for i, hash := range hashes {
		m.seat(hash, i+1)
	}
}

// forget makes room: in the unit if it is full, else in all units.
func (w *Worker) forget(full *recall) {
	if len(full.results) == mostRecalled {
		w.recalledBytes -= full.forget()
		return
	}
	for i := range w.recalls {
		w.recalls[i].forget()
	}
	w.recalledBytes = 0
}

func (w *Worker) giveUp(m *recall) {
	w.recalledBytes -= m.forget()
	*m = recall{off: true}
}

func (m *recall) forget() (bytes int) {
	for i := range m.results {
		for j := range m.results[i].cells {
			bytes += cellBytes + len(m.results[i].cells[j].Text)
		}
	}
	clear(m.results)
	m.keys, m.results = m.keys[:0], m.results[:0]
	clear(m.slots)
	return bytes
}
