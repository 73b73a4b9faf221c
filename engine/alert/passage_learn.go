package alert

import (
	"cmp"
	"slices"
	"strings"
	"unsafe"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// try notes what a text has in common with those that had the same head before, if there were
// enough of them, or keeps it for one that comes. So many bytes of it are known already.
func (ps *passages) try(hash uint64, s string, first *node, depth, known int) {
	t := &ps.trials[hash%passageTrials]
	if t.text == nil {
		t.text = make([]byte, 0, longestPassage)
	}
	if t.hash != hash {
		t.hash, t.came = hash, 0
	}
	if t.came++; t.came < 2 {
		return // most come once
	}
	if t.came > 2 {
		s = s[:common(s, unsafe.String(unsafe.SliceData(t.text), len(t.text)))]
	}
	if t.came < passageCame || len(ps.notes) == mostNotes {
		t.text = append(t.text[:0], s[:min(len(s), longestPassage)]...)
		return
	}
	t.came = -passagePause
	if !goesOn(s, known) {
		first.credit -= vainCredit
		return
	}
	ps.notes = append(ps.notes, note{hash, first, depth, strings.Clone(s)})
}

// goesOn reports whether a text of a passage has a member more than those that end at i.
func goesOn(s string, i int) bool {
	if i > 0 {
		if i = jsontext.Blank(s, i); i >= len(s) || s[i] != ',' {
			return false
		}
		i = jsontext.NameEnd(s, jsontext.Blank(s, i+1))
	}
	if i >= 0 {
		i = jsontext.ValueEnd(s, i)
	}
	return i >= 0 && i < len(s) // what ends the value is there, too
}

// learn reads the texts that were noted in the last line, each by itself, and keeps what a
// line that continues like them gives.
func (sc *Scanner) learn() {
	notes := sc.memory.passages.notes
	sc.learning = true
	for i := range notes {
		if sc.memory.full {
			break // with its nodes the scanner forgets all passages
		}
		sc.reset()
		p := sc.passage(&notes[i])
		p.first.credit -= learnCredit
		if len(p.members) > 0 {
			sc.collect(p)
			sc.memory.passages.add(notes[i].hash, p)
		}
	}
	clear(notes)
	sc.memory.passages.notes, sc.learning = notes[:0], false
}

// passage reads the members of a passage. It ends before one whose text is not whole, or that
// would make it too large.
func (sc *Scanner) passage(n *note) *passage {
	p := &passage{first: n.first, depth: n.depth}
	for i, m, more := 0, n.first, true; more && m != nil; {
		if sc.see(m); sc.redo {
			break // the second value would replace the first
		}
		end := sc.spanned(n.text, i, m, n.depth)
		i, more = sc.next(n.text, end, '}')
		values := sc.values - sc.budget
		if i < 0 || values > mostPassed || sc.redo || sc.memory.full {
			break
		}
		p.text = n.text[:end+1]
		p.members = append(p.members, passageMember{node: m, end: int32(end), values: int32(values), keys: int32(sc.keys), rest: int32(len(sc.rest)), spans: int32(len(sc.spans))})
		if more {
			m, i = sc.memberAt(n.text, i, n.first.parent)
		}
	}
	return p
}

// memberAt returns the member whose name is at s[i], and where its value begins; nil if it
// cannot be part of a passage.
func (sc *Scanner) memberAt(s string, i int, parent *node) (*node, int) {
	name, i := sc.unescapedName(s, i)
	if i < 0 {
		return nil, i
	}
	m := sc.memory.find(parent, name)
	if m == nil || m == sc.memory.outer || m.variants >= mostVariants {
		return nil, i
	}
	return m, i
}

// collect takes the results of a passage from the scanner that has read it.
func (sc *Scanner) collect(p *passage) {
	if len(sc.escapes) > 0 {
		sc.settle()
	}
	last := &p.members[len(p.members)-1]
	for _, l := range sc.rest[:last.rest] {
		p.rest = append(p.rest, passageLeaf{p.place(l.Value), l.Key})
	}
	sc.sort(p)
	p.spans = slices.Clone(sc.spans[:last.spans])
	for at := range sc.slots {
		s := &sc.slots[at]
		if s.epoch != sc.epoch || int32(s.origin) > last.end {
			continue
		}
		// Unique is pending: whether the value has a number is asked each time.
		known := sc.number(at, s)
		p.slots = append(p.slots, passageSlot{p.place(s.text), int32(at), s.origin, s.num, known, s.kind})
	}
	slices.SortFunc(p.slots, func(a, b passageSlot) int { return cmp.Compare(a.origin, b.origin) })
	for i := range p.members {
		m := &p.members[i]
		for int(m.slots) < len(p.slots) && int32(p.slots[m.slots].origin) <= m.end {
			m.slots++
		}
	}
}

// sort notes which leaves of a passage are in which rests.
func (sc *Scanner) sort(p *passage) {
	if sc.spec.placed {
		p.kept = make([]uint64, len(sc.spec.readings))
	}
	for j := range p.kept {
		keep := sc.spec.readings[j].keep
		for i, place := range sc.places[:len(p.rest)] {
			if len(keep) > 0 && keep[place] {
				p.kept[j] |= 1 << i
			}
		}
	}
}

// place returns where in the passage a text is that was read from it.
func (p *passage) place(text string) passageText {
	if text == "" {
		return passageText{}
	}
	from := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(p.text)))
	if from < uintptr(len(p.text)) {
		return passageText{int32(from), int32(from) + int32(len(text))}
	}
	p.own = append(p.own, strings.Clone(text)) // it may be lent
	return passageText{-1, int32(len(p.own) - 1)}
}

// add keeps a passage where it is found, instead of another one if need be.
func (ps *passages) add(hash uint64, p *passage) {
	at := (hash + hash>>32%passageProbes) % passageSeats
	for k := range uint64(passageProbes) {
		seat := &ps.seats[(hash+k)%passageSeats]
		if seat.passage == nil {
			at = (hash + k) % passageSeats
			break
		}
		if seat.hash == hash && seat.first == p.first {
			seat.vary(p)
		}
	}
	ps.seats[at] = passageSeat{hash, p}
}

// vary notes in which member two passages differ that begin with the same members.
func (p *passage) vary(other *passage) {
	n := p.same(other.text)
	if n > 0 && n < len(p.members) && n < len(other.members) {
		p.members[n].node.variants++
	}
}
