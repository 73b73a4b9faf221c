package table

import (
	"errors"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// piece is neighbouring entries of a map, or the one entry of a map that is absent or empty. Entries
// that come together again are a piece again, and their texts are in the columns once.
type piece struct {
	at, n uint32 // its texts are ids[at:at+n] of the keys and of the values; n is 0 if it has none
	group uint32 // its ID, if it is one that comes again
	rep   uint8  // repetition level of the first entry; the others go on with the map
	base  uint8  // definition level, if n is 0
}

// pieceBytes is the memory that a piece takes.
const pieceBytes = 16

// level is the definition level that the entries of a piece have in a column.
func (p *piece) level(l *leaf) uint8 {
	if p.n > 0 {
		return l.maxDef
	}
	return p.base
}

// mapFiller adds the entries of one map to a batch.
type mapFiller struct {
	batch  *Batch
	number int // of the map among the lists
	list   *entries
	keys   *column
	values *column
	rep    uint8  // of the next piece
	goesOn uint8  // of pieces behind the first
	last   uint32 // the key that was added last, 0 at first
	single bool   // the last piece has entries that were added one by one
	before int    // size of the texts
}

// fillMap begins a map with an entry of this repetition level.
func (b *Batch) fillMap(list int, rep uint8) mapFiller {
	parts := &b.schema.lists[list]
	k, v := b.column(parts.leaves[0]), b.column(parts.leaves[1])
	return mapFiller{batch: b, number: list, list: &b.lists[list], keys: k, values: v, rep: rep, goesOn: b.schema.leaves[parts.leaves[0]].maxRep,
		before: k.texts.size() + v.texts.size()}
}

// end adds what so many entries weigh.
func (m *mapFiller) end(entries int) {
	m.list.values += entries
	m.batch.bytes += 2*(levelBytes+textBytes)*entries + m.keys.texts.size() + m.values.texts.size() - m.before
}

// add adds an entry. Most alerts have the same keys in the same order, and many keys have the
// same value as before: add guesses both, and looks up a text only if the guess is wrong.
func (m *mapFiller) add(key, value string) {
	if max(len(key), len(value)) > longestShared {
		m.batch.guess(m.number) // it decides whether the text is kept again
	}
	if !m.single {
		m.put(uint32(len(m.keys.ids)), 0, 0)
		m.single = true
	}
	m.push(key, value)
	m.list.pieces[len(m.list.pieces)-1].n++
}

// push adds the texts of an entry to the columns.
func (m *mapFiller) push(key, value string) {
	k, v := m.keys, m.values
	m.last = k.texts.add(key, hint(&k.texts.next, m.last))
	k.ids, v.ids = append(k.ids, m.last), append(v.ids, v.texts.add(value, hint(&k.texts.value, m.last)))
}

// put adds a piece.
func (m *mapFiller) put(at, n, group uint32) {
	m.list.pieces = append(m.list.pieces, piece{at: at, n: n, group: group, rep: m.rep})
	m.rep, m.single = m.goesOn, false
}

// group adds entries that may have come together before.
func (m *mapFiller) group(n *node, g *ocsf.Group) {
	f := m.batch.filler
	known := f != nil && n.pairs >= 0
	if known && !m.keys.texts.alone && !m.values.texts.alone {
		if at, ok := f.find(n.pairs, g.ID); ok {
			m.again(at, uint32(len(g.Leaves)), g.ID)
			return
		}
	}
	at := uint32(len(m.keys.ids))
	m.single = false
	for i := range g.Leaves {
		p := &g.Leaves[i]
		m.add(p.Key, p.Value)
		known = known && max(len(p.Key), len(p.Value)) <= longestShared
	}
	m.single = false
	if known { // later again adds them, if equal texts have the same number there
		f.add(n.pairs, g.ID, at)
		m.list.pieces[len(m.list.pieces)-1].group = g.ID
	}
}

// again adds a piece that the batch has. It leaves no guesses until they matter.
func (m *mapFiller) again(at, n, group uint32) {
	if l := m.list; !l.stale {
		l.stale, l.guessed = true, len(l.pieces)
	}
	m.put(at, n, group)
	m.last = m.keys.ids[at+n-1]
}

// guess makes the guesses of a map what they are if the texts of all its entries are looked at: the
// key that came last after a key, and the value that a key had last.
func (b *Batch) guess(list int) {
	l, parts := &b.lists[list], &b.schema.lists[list]
	if !l.stale {
		return
	}
	l.stale = false
	k, v := &b.cols[parts.leaves[0]], &b.cols[parts.leaves[1]]
	goesOn, last := b.schema.leaves[parts.leaves[0]].maxRep, uint32(0)
	if before := l.guessed - 1; before >= 0 && l.pieces[before].n > 0 {
		p := &l.pieces[before]
		last = k.ids[p.at+p.n-1]
	}
	for i := l.guessed; i < len(l.pieces); i++ {
		p := &l.pieces[i]
		if p.rep != goesOn {
			last = 0
		}
		for j := p.at; j < p.at+p.n; j++ {
			key := k.ids[j]
			*hint(&k.texts.next, last) = key
			*hint(&k.texts.value, key) = v.ids[j]
			last = key
		}
	}
}

// copyMap adds what a row of another batch has in a map.
func (b *Batch) copyMap(list int, from Row) {
	l, parts := &from.Batch.lists[list], &b.schema.lists[list]
	k, v := &from.Batch.cols[parts.leaves[0]], &from.Batch.cols[parts.leaves[1]]
	pieces := l.pieces[l.start(from.Index):l.ends[from.Index]]
	for len(pieces) > 0 {
		if p := &pieces[0]; p.n == 0 {
			b.enter(list, p.rep, p.base)
			pieces = pieces[1:]
			continue
		}
		m, entries := b.fillMap(list, pieces[0].rep), 0
		for more := true; more; more = len(pieces) > 0 && pieces[0].rep == m.goesOn {
			for i := range pieces[0].n {
				at := pieces[0].at + i
				m.add(k.texts.at(k.ids[at]), v.texts.at(v.ids[at]))
			}
			entries += int(pieces[0].n)
			pieces = pieces[1:]
		}
		m.end(entries)
	}
}

// errLacks is the fault of a map that no event has.
var errLacks = errors.New("an entry of a map has no key or no value")

// unfold takes the pieces of a map away, so that entries of a row group are loaded like those of a
// list. Then fold puts the pieces back.
func (b *Batch) unfold(list int) (before entries) {
	b.guess(list)
	before, b.lists[list] = b.lists[list], entries{}
	return before
}

// fold makes pieces of the entries of a map that were loaded one by one, behind those before.
func (b *Batch) fold(list int, before entries) error {
	loaded, parts := b.lists[list], &b.schema.lists[list]
	k, v := &b.cols[parts.leaves[0]], &b.cols[parts.leaves[1]]
	goesOn, at, from := b.schema.leaves[parts.leaves[0]].maxRep, uint32(len(k.ids)-k.there.count()), 0
	for _, end := range loaded.ends {
		for i := from; i < int(end); i++ {
			rep, last := loaded.reps[i], len(before.pieces)-1
			switch {
			case k.there.has(i) != v.there.has(i):
				return errLacks
			case !k.there.has(i):
				before.pieces = append(before.pieces, piece{rep: rep, base: loaded.base[i]})
				continue
			case rep == goesOn && before.pieces[last].n > 0:
				before.pieces[last].n++
			default:
				before.pieces = append(before.pieces, piece{at: at, n: 1, rep: rep})
			}
			at++
		}
		before.ends = append(before.ends, uint32(len(before.pieces)))
		from = int(end)
	}
	before.values += k.there.count()
	k.there, v.there = k.there[:0], v.there[:0]
	b.lists[list] = before
	return nil
}
