package alert

import (
	"hash/maphash"
	"strings"
)

// slot is the value of a line at one wanted path.
type slot struct {
	epoch uint64 // of the line
	text  string // as that of a Value
	num   uint64
	kind  Kind
	// origin is where it begins in the line.
	origin Origin
	known  uint32 // its number, see Reader.Known
}

// escaped is a string among the results that is in the scratch memory until the
// whole line is read.
type escaped struct {
	slot     *slot
	leaf     int // if slot is nil
	from, to int
}

// Scanner reads alerts for one Spec, in one goroutine. It keeps the names that
// it has seen, within bounds, and its buffers.
//
// It is the Reader of its Spec's first reading; the others have Readers of their
// own.
type Scanner struct {
	Reader
	lexer
	// Keep lets results be kept for as long as the bytes of their line, and not only until the
	// next Scan.
	Keep bool

	spec   *Spec
	memory memory
	epoch  uint64 // counts lines; slots and nodes of other epochs are stale
	redo   bool   // the line needs the tree
	keys   int    // bytes of the keys of the rest
	joined bool   // see Joined

	learning bool // a passage is read
	slots    []slot
	there    []uint32 // sets of 32 slots: those that have a value in the line, and maybe more
	rest     []Leaf   // of all readings, without those of passages
	places   []int32  // of the leaves, if the Spec has them placed
	passed   []passed // what passages have of the rest
	spans    []span
	ids      uint32 // given to leaves of passages
	// whole is the tree of a line whose text was rewritten as a whole, and
	// wholeOrigin where its text begins in the line.
	whole       *tree
	odd         builder // of lines that are read again
	trees       builder // of values that are not kept
	filter      filter  // of values with absent texts
	key         []byte  // of a leaf of these
	arena       Arena   // of texts that are not those of the line
	wholeOrigin Origin
	scratch     []byte
	escapes     []escaped
	exhausted   []exhausted // by slot and number
	known       []known     // values, by slot
	knownSeed   maphash.Seed
	knownBytes  int
}

// Buffers larger than this are not kept for the next line.
const (
	keepScratch = 1 << 20
	keepLeaves  = 8 << 10
)

// NewScanner makes a Scanner.
func (s *Spec) NewScanner() *Scanner {
	sc := &Scanner{spec: s, memory: newMemory(s), slots: make([]slot, s.slots), there: make([]uint32, (s.slots+31)/32)}
	sc.values, sc.maxDepth = s.limits.Leaves, s.limits.Depth
	sc.Reader = Reader{sc: sc, reading: &reading{}}
	if len(s.readings) > 0 {
		sc.reading = &s.readings[0]
	}
	return sc
}

// Scan reads one line, without its end. The results and the strings in them alias
// the line: they are valid until the next Scan, and as long as the line's bytes
// are. The error is an *Error; then there are no results.
func (sc *Scanner) Scan(line string) error {
	if len(sc.memory.passages.notes) > 0 {
		sc.learn()
	}
	sc.reset()
	if !sc.line(line) {
		sc.epoch++
		sc.emptyRest()
		return &Error{Offset: sc.at, Reason: sc.reason, Limit: sc.limit}
	}
	if len(sc.escapes) > 0 {
		sc.settle()
	}
	return nil
}

// lend returns the Arena for results, nil for those that may be kept.
func (sc *Scanner) lend() *Arena {
	if sc.Keep {
		return nil
	}
	return &sc.arena
}

func (sc *Scanner) reset() {
	sc.epoch++
	sc.budget, sc.reason, sc.limit, sc.redo, sc.whole = sc.values, "", false, false, nil
	sc.keys, sc.joined = 0, false
	clear(sc.there)
	sc.emptyRest()
	sc.scratch, sc.escapes = sc.scratch[:0], sc.escapes[:0]
	if cap(sc.scratch) > keepScratch {
		sc.scratch = nil
	}
	if cap(sc.rest) > keepLeaves {
		sc.rest, sc.places = nil, nil
	}
	if cap(sc.passed) > keepLeaves {
		sc.passed = nil
	}
	if cap(sc.spans) > keepLeaves {
		sc.spans = nil
	}
	if cap(sc.escapes) > keepLeaves {
		sc.escapes = nil
	}
	sc.arena.Reset()
	if sc.memory.full {
		sc.memory = newMemory(sc.spec)
	}
}

// emptyRest forgets what the line has in the rest.
func (sc *Scanner) emptyRest() {
	sc.rest, sc.places, sc.passed, sc.spans = sc.rest[:0], sc.places[:0], sc.passed[:0], sc.spans[:0]
}

// line reads the whole line and reports whether it is an alert.
func (sc *Scanner) line(s string) bool {
	start := blank(s, 0)
	if start == len(s) {
		sc.fail(0, "the line is empty; an alert is a JSON object")
		return false
	}
	var end int
	if root := sc.memory.root; s[start] != '{' {
		end = sc.skip(s, start, 0)
	} else if sc.spend(start) {
		end = sc.object(s, start, root, &root.first, 1)
	}
	if end <= 0 {
		return false
	}
	if after := blank(s, end); after < len(s) {
		sc.fail(after, "more text after the end of the value, found "+found(s, after)+": a line holds one alert")
		return false
	}
	if s[start] != '{' {
		sc.fail(start, "the line is a JSON "+rawKind(s[start])+"; an alert is an object")
		return false
	}
	text := s[start:end]
	if sc.redo || sc.memory.full {
		return sc.again(text, originAt(start))
	}
	if n := sc.memory.root; n.slot >= 0 {
		sc.put(n.slot, slot{text: text, kind: Object, origin: originAt(start)})
	}
	return true
}

func rawKind(c byte) string {
	switch c {
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}

// settle copies the scratch memory into one string, and the results point into it.
func (sc *Scanner) settle() {
	all := sc.lend().Text(sc.scratch)
	for _, e := range sc.escapes {
		text := all[e.from:e.to]
		if e.slot != nil {
			e.slot.text = text
		} else {
			sc.rest[e.leaf].Value = text
		}
	}
}

// guessed reports whether s continues at i with the member n. Most names with
// quotes and colon are at most two words long; these need no call.
func guessed(s string, i int, n *node) bool {
	if n == nil {
		return false
	}
	size := len(n.quoted)
	if size > 16 || i > len(s)-16 {
		return strings.HasPrefix(s[i:], n.quoted)
	}
	return load8(s, i)&n.mask == n.head && (size <= 8 || load8(s, i+size-8) == n.tail)
}

// load8 reads eight bytes as a little-endian word; the compiler makes one load
// of it.
func load8(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}
