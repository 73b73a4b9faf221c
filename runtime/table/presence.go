package table

import "math/bits"

// presence says which entries of a column have a value, or which are in a branch. Entries are
// added in their order. It ends behind the last one, at most 63 entries behind.
type presence []present

// present is 64 neighbouring entries, one bit for each.
type present struct {
	has    uint64
	before uint32 // how many entries before these are there
}

// presentBytes is the memory that 64 entries take.
const presentBytes = 16

func (p *presence) add(entry int) {
	at := entry >> 6
	if at >= len(*p) {
		p.extend(at)
	}
	(*p)[at].has |= 1 << (entry & 63)
}

func (p *presence) extend(at int) {
	before := uint32(p.count())
	for at >= len(*p) {
		*p = append(*p, present{before: before})
	}
}

// addAll adds the entries [from, to).
func (p *presence) addAll(from, to int) {
	for from < to {
		at := from >> 6
		end := min(to, (at+1)<<6)
		if at >= len(*p) {
			p.extend(at)
		}
		(*p)[at].has |= (1<<(end-from) - 1) << (from & 63)
		from = end
	}
}

// copy adds those of the entries [from, to) of another that are there, moved to at.
func (p *presence) copy(at int, of presence, from, to int) {
	for i := from; i < to; i++ {
		if of.has(i) {
			p.add(at + i - from)
		}
	}
}

func (p presence) has(entry int) bool {
	at := entry >> 6
	return at < len(p) && p[at].has>>(entry&63)&1 != 0
}

// rank is how many entries before this one are there: the index of its value, if it has one.
func (p presence) rank(entry int) int {
	at := entry >> 6
	if at >= len(p) {
		return p.count()
	}
	return int(p[at].before) + bits.OnesCount64(p[at].has&(1<<(entry&63)-1))
}

// count is how many entries are there.
func (p presence) count() int {
	if len(p) == 0 {
		return 0
	}
	last := &p[len(p)-1]
	return int(last.before) + bits.OnesCount64(last.has)
}

// mark gives a level to those of some places that are there.
func (p presence) mark(places *places, defs []uint8, level uint8) {
	switch there := p.rank(places.to) - p.rank(places.from); {
	case there == 0:
	case there == places.to-places.from:
		fill(defs, level)
	case places.all:
		p.markAll(places.from, defs, level)
	default:
		for i, entry := range places.each {
			if p.has(int(entry)) {
				defs[i] = level
			}
		}
	}
}

// markAll gives a level to those of neighbouring entries that are there, the first of which is from.
func (p presence) markAll(from int, defs []uint8, level uint8) {
	for at, to := from>>6, from+len(defs); at<<6 < to && at < len(p); at++ {
		first := at << 6
		for has := p[at].has; has != 0; has &= has - 1 {
			if i := first + bits.TrailingZeros64(has) - from; uint(i) < uint(len(defs)) {
				defs[i] = level
			}
		}
	}
}
