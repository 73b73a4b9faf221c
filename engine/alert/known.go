package alert

import (
	"hash/maphash"
	"unsafe"
)

// Bounds of the values that a scanner knows of one place, and of all places.
const (
	longestKnown = 512     // bytes of a value's text
	mostKnown    = 4 << 10 // values of one place
	knownBytes   = 2 << 20 // text of all places

	// After this many values, a place whose values nearly all differ is given up:
	// numbering them would cost time and save nothing.
	knownTrial = 1024
)

// The numbers that stand for the same value at every place. Unique stands for any
// value that has no number of its own.
const (
	Unique  uint32 = 0
	Missing uint32 = 1

	knownFalse uint32 = 2
	knownTrue  uint32 = 3
	firstKnown uint32 = 4
	lastKnown  uint32 = 1 << 30
)

// pending is in a slot whose value was not looked up yet, unique in one that has no
// number.
const (
	pending uint32 = 0
	unique  uint32 = 1 << 31
)

// known numbers the values of one wanted place. Alerts repeat themselves: most places
// have a handful of values. A number stands for one value only, also after the values
// were forgotten.
type known struct {
	values []knownValue // number base+i
	texts  []byte       // memory of their texts: what is behind its length is free
	base   uint32
	slots  []uint64 // hash table of hash<<32 | i+1, 0 is free; a power of two long
	last   int      // the value that came last
	looked int
	fresh  int // how many of these were new
	off    bool
}

type knownValue struct {
	text string
	kind Kind
}

func (v *knownValue) is(s *slot) bool { return v.text == s.text && v.kind == s.kind }

// Known returns a number that stands for the value of wants[i] in the last line:
// equal values of one want have equal numbers, other values have others, for as long
// as the Scanner lives. It is Missing if there is no value, and Unique if the value
// has no number, because it is long or values of this place rarely repeat. Numbers
// are below 1<<30.
func (r *Reader) Known(i int) uint32 {
	sc, at := r.sc, r.slot[i]
	s := &sc.slots[at]
	switch {
	case s.epoch != sc.epoch:
		return Missing
	case s.known == unique:
		return Unique
	case s.known != pending:
		return s.known
	}
	n := sc.number(at, s)
	s.known = n
	if n == Unique {
		s.known = unique
	}
	return n
}

// number looks up the value of a slot.
func (sc *Scanner) number(at int, s *slot) uint32 {
	switch {
	case s.origin == 0 || len(s.text) > longestKnown:
		return Unique
	case s.kind == Bool:
		return knownFalse + uint32(s.num)
	}
	if sc.known == nil {
		sc.known, sc.knownSeed = make([]known, len(sc.slots)), maphash.MakeSeed()
	}
	k := &sc.known[at]
	if k.off {
		return Unique
	}
	if k.last < len(k.values) && k.values[k.last].is(s) {
		k.looked++
		return k.base + uint32(k.last)
	}
	return sc.look(k, s)
}

// look finds or adds a value that is not the last one of its place.
func (sc *Scanner) look(k *known, s *slot) uint32 {
	if k.looked >= knownTrial && k.fresh*8 > k.looked*7 || k.base > lastKnown {
		sc.knownBytes -= k.forget()
		k.off = true
		return Unique
	}
	if 2*len(k.values) >= len(k.slots) {
		k.grow()
	}
	k.looked++
	hash, mask := sc.hashOf(s), uint64(len(k.slots)-1)
	at := hash & mask
	for ; k.slots[at] != 0; at = (at + 1) & mask {
		x := k.slots[at]
		if i := int(uint32(x)) - 1; x>>32 == hash && k.values[i].is(s) {
			k.last = i
			return k.base + uint32(i)
		}
	}
	k.fresh++
	if len(k.values) == mostKnown || sc.knownBytes+len(s.text) > knownBytes {
		sc.forget(k)
		return Unique
	}
	k.last = len(k.values)
	k.slots[at] = hash<<32 | uint64(k.last+1)
	k.values = append(k.values, knownValue{k.keep(s.text), s.kind})
	sc.knownBytes += len(s.text)
	return k.base + uint32(k.last)
}

// leastTexts is how much memory for texts of a place is made at a time.
const leastTexts = 2 * longestKnown

// keep copies a text.
func (k *known) keep(text string) string {
	if len(text) > cap(k.texts)-len(k.texts) {
		k.texts = make([]byte, 0, min(max(leastTexts, 2*cap(k.texts)), 16*leastTexts)) // values keep the memory so far
	}
	from := len(k.texts)
	if k.texts = append(k.texts, text...); text == "" {
		return ""
	}
	return unsafe.String(&k.texts[from], len(text))
}

func (sc *Scanner) hashOf(s *slot) uint64 {
	return (maphash.String(sc.knownSeed, s.text) ^ uint64(s.kind)*0x9e3779b97f4a7c15) >> 32
}

// forget makes room: for the place that has too many values, or for all. A place
// whose values were new half of the time is given up.
func (sc *Scanner) forget(full *known) {
	if len(full.values) == mostKnown {
		sc.knownBytes -= full.forget()
		return
	}
	for i := range sc.known {
		sc.known[i].forget()
	}
	sc.knownBytes = 0
}

func (k *known) forget() (bytes int) {
	for i := range k.values {
		bytes += len(k.values[i].text)
	}
	k.off = k.off || k.looked > knownTrial && 2*k.fresh > k.looked
	k.base += uint32(len(k.values))
	clear(k.values)
	k.values, k.texts, k.last, k.looked, k.fresh = k.values[:0], k.texts[:0], 0, 0, 0
	clear(k.slots)
	return bytes
}

func (k *known) grow() {
	if k.base == 0 {
		k.base = firstKnown
	}
	old := k.slots
	k.slots = make([]uint64, max(32, 2*len(old)))
	mask := uint64(len(k.slots) - 1)
	for _, x := range old {
		if x == 0 {
			continue
		}
		at := x >> 32 & mask
		for k.slots[at] != 0 {
			at = (at + 1) & mask
		}
		k.slots[at] = x
	}
}

// Place numbers the path of wants[i] among those of all readings of the Scanner.
func (r *Reader) Place(i int) int { return r.slot[i] }

// Within returns how far behind the beginning of wants[i] in the line a place is, and
// false if the place is not the value or inside it.
func (r *Reader) Within(i int, at Origin) (offset uint32, inside bool) {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch || s.origin == 0 || at < s.origin {
		return 0, false
	}
	offset = uint32(at - s.origin)
	return offset, offset == 0 || s.kind >= List && int(offset) < len(s.text)
}

// Origin is the inverse of Within for the last line.
func (r *Reader) Origin(i int, offset uint32) Origin {
	return r.sc.slots[r.slot[i]].origin + Origin(offset)
}

// Text returns the value of wants[i] in the last line if it is text, else "", and
// where it comes from.
func (r *Reader) Text(i int) (string, Origin) {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch || s.kind != Text {
		return "", 0
	}
	return s.text, s.origin
}
