package plan

import (
	"unsafe"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// mostRecalled bounds the results of one unit that a Worker remembers; see recalledBytes, too.
const mostRecalled = 4 << 10

// mostUses bounds the uses of one result that are counted.
const mostUses = 255

// Numbers that stand for the contents of cells (ocsf.Cell.ID). Those of wanted values
// (alert.Reader.Known) are below resultID, and none is constantID.
const (
	constantID = 1
	resultID   = 1 << 30 // plus the number of a result of a unit
	captionID  = 1 << 31 // plus the id that the caption belongs to
)

// recalled is what the steps of a unit did. It owns its cells and texts.
type recalled struct {
	cells   []ocsf.Cell // those that are set
	at      []uint32    // where in the unit each of them is, but for the first
	written []place
	first   uint32 // where the first is: most results have one cell
	live    bool
	used    uint8 // how often, halved when room was made
	bytes   int   // that the event grew by
	work    int   // for elements
	steps   int   // of work in all
	takes   int   // bytes of memory
}

// place is where in a wanted value something begins that was written.
type place struct {
	want   int32
	offset uint32
}

// unit runs the stops of a unit from at on, or recalls what they gave for the same
// values. The result is the same.
func (w *Worker) unit(st *stop, at int, rec *ocsf.Record) (live bool) {
	if st.unit == aside {
		return w.aside(st, at, rec)
	}
	m := &w.recalls[st.unit]
	known, learn := w.look(m)
	switch {
	case known != nil && w.growth.fits(known.bytes+known.work) && w.machine.Affords(known.steps):
		w.machine.Work += known.steps
		w.growth.bytes += known.bytes
		w.growth.work += known.work
		return w.recalled(known, m.unit, rec)
	case learn:
		return w.learn(m, st, at, rec)
	}
	return w.plainUnit(st, at, rec)
}

// test reports whether a `$when` holds, or recalls whether it did for the same values.
func (w *Worker) test(b *block, unit int32) (bool, error) {
	w.sure = false
	if unit == none || w.trace != nil {
		return w.condition(b.when)
	}
	m := &w.recalls[unit]
	known, learn := w.look(m)
	if known != nil && w.machine.Affords(known.steps) {
		w.sure = true
		w.machine.Work += known.steps
		return known.live, nil
	}
	costly, work := w.machine.Costly, w.machine.Work
	ok, err := w.condition(b.when)
	w.sure = err == nil && w.machine.Costly == costly
	if learn && w.sure {
		w.makeRoom(m)
		w.remember(m, &w.key, recalled{live: ok, steps: w.machine.Work - work}, 0)
	}
	return ok, err
}

// plainUnit runs the stops of a unit one by one.
func (w *Worker) plainUnit(st *stop, at int, rec *ocsf.Record) (live bool) {
	for past := int(st.past); at < past; at = int(st.next) {
		st = &w.route.stops[at]
		live = w.step(st, at, rec) || live
	}
	return live
}

// recalled writes the cells of a result.
func (w *Worker) recalled(r *recalled, u *unit, rec *ocsf.Record) bool {
	if len(r.cells) == 0 {
		return r.live
	}
	r.write(rec.Cells[u.first:u.last])
	for _, p := range r.written {
		w.origins.Written(w.alert.Origin(int(p.want), p.offset))
	}
	return r.live
}

// learn runs the steps and remembers their result. It does not remember failures: each
// is counted, and its value shown, where it happens. Nor what took from the budget of the
// alert: that may not be left to another one.
func (w *Worker) learn(m *recall, st *stop, at int, rec *ocsf.Record) bool {
	u, mark, failures, partly, costly := m.unit, w.origins.Mark(), len(w.failures), w.partly, w.machine.Costly
	k, grown, work := w.key, w.growth, w.machine.Work // units inside have keys of their own
	live := w.plainUnit(st, at, rec)
	if len(w.failures) > failures || w.partly > partly || w.machine.Costly > costly {
		return live
	}
	r := recalled{live: live, bytes: w.growth.bytes - grown.bytes, work: w.growth.work - grown.work, steps: w.machine.Work - work}
	if !w.places(&r, u, mark) {
		return live
	}
	if w.results == resultID-1 {
		return live // no number is left
	}
	w.makeRoom(m)
	w.results++
	id := uint32(resultID) + w.results
	bytes := r.keep(rec.Cells[u.first:u.last], id)
	r.write(rec.Cells[u.first:u.last])
	w.remember(m, &k, r, bytes)
	return live
}

// keep copies the cells of a unit that are set. It returns the bytes that they take.
func (r *recalled) keep(cells []ocsf.Cell, id uint32) (bytes int) {
	var all sizes
	all.add(cells)
	set := 0
	for i := range cells {
		if cells[i].Set {
			set++
		}
	}
	all.cells += set - len(cells)
	memory := memoryFor(all)
	for i := range cells {
		switch {
		case !cells[i].Set:
			continue
		case len(memory.cells) == 0:
			r.first, r.at = uint32(i), make([]uint32, 0, set-1)
		default:
			r.at = append(r.at, uint32(i))
		}
		memory.cells = append(memory.cells, cells[i])
	}
	r.cells = memory.cells[:set:set]
	for i := range r.cells {
		bytes += memory.own(&r.cells[i], id)
	}
	return bytes
}

// write writes the cells into those of the event, which are empty.
func (r *recalled) write(cells []ocsf.Cell) {
	if len(r.cells) == 0 {
		return
	}
	cells[r.first] = r.cells[0]
	for i, at := range r.at {
		cells[at] = r.cells[i+1]
	}
}

// remember keeps the result of a unit, for which makeRoom has made room.
func (w *Worker) remember(m *recall, k *key, r recalled, cells int) {
	w.takeMemory(m.add(k, r, cells))
}

// places turns what was written since the mark into places within the unit's values.
// It returns false if something is in none of them.
func (w *Worker) places(r *recalled, u *unit, mark int) bool {
	ok := true
	if w.machine.Origins == nil {
		return true
	}
	r.written = make([]place, 0, w.origins.Mark()-mark)
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

// The memory of a cell, and of a result with its places in the hash table.
const (
	cellBytes   = 96
	resultBytes = 96
)

// memory is what a result consists of. It has room for all.
type memory struct {
	cells   []ocsf.Cell // of items, too
	records []ocsf.Record
	texts   []byte
}

func memoryFor(all sizes) memory {
	return memory{make([]ocsf.Cell, 0, all.cells), make([]ocsf.Record, 0, all.records), make([]byte, 0, all.texts)}
}

type sizes struct{ cells, records, texts int }

func (s *sizes) add(cells []ocsf.Cell) {
	s.cells += len(cells)
	for i := range cells {
		s.texts += len(cells[i].Text)
		s.records += len(cells[i].Items)
		for j := range cells[i].Items {
			s.add(cells[i].Items[j].Cells)
		}
	}
}

func (m *memory) copy(cells []ocsf.Cell) []ocsf.Cell {
	from := len(m.cells)
	m.cells = append(m.cells, cells...)
	return m.cells[from:len(m.cells):len(m.cells)]
}

// own makes a cell own its text and its items, and gives it the number of its unit's result
// unless it has one. It returns the bytes that it takes.
func (m *memory) own(c *ocsf.Cell, id uint32) (bytes int) {
	if c.ID == 0 || len(c.Items) > 0 {
		c.ID = id
	}
	bytes = cellBytes + len(c.Text)
	if from := len(m.texts); c.Text != "" {
		m.texts = append(m.texts, c.Text...)
		c.Text = unsafe.String(&m.texts[from], len(c.Text))
	}
	from := len(m.records)
	m.records = append(m.records, c.Items...)
	c.Items, c.Pairs = m.records[from:len(m.records):len(m.records)], nil
	for i := range c.Items {
		cells := m.copy(c.Items[i].Cells)
		c.Items[i].Cells = cells
		for j := range cells {
			bytes += m.own(&cells[j], 0)
		}
	}
	return bytes
}

// makeRoom forgets half of what a unit remembers if it is full, or else what the set has no room for.
func (w *Worker) makeRoom(full *recall) {
	if len(full.results) < mostRecalled {
		w.memory.makeRoom()
		return
	}
	for len(full.results) > mostRecalled/2 {
		w.takeMemory(-full.forgetRare())
	}
}

// forgetRare forgets half of what all units gave: what was used least.
func (w *Worker) forgetRare() {
	for left := w.recalledBytes / 2; w.recalledBytes > left; {
		for i := range w.recalls {
			w.takeMemory(-w.recalls[i].forgetRare())
		}
	}
}

// forgetResults forgets what all units gave.
func (w *Worker) forgetResults() {
	for i := range w.recalls {
		w.takeMemory(-w.recalls[i].forget())
	}
}
