package alert

import (
	"math/bits"
	"strings"
)

// Alerts repeat themselves in pieces: what a rule says of itself, or an agent, is the same to
// the byte in thousands of them. A passage is such a piece: the value of a member and the
// members behind it. Where the line continues like a passage, one comparison takes the place of
// reading it, and the values in it come with their numbers (Reader.Known).
type passage struct {
	first   *node
	depth   int // of the object, at least: nothing in it is too deep
	text    string
	members []passageMember
	slots   []passageSlot // in the order of the text
	rest    []passageLeaf
	spans   []span   // numbered from 0, and from the beginning of the text
	kept    []uint64 // by reading: which of the leaves are in its rest; empty if all are in all
	groups  []*Group // of its rest, made when they come again
	own     []string // texts that are written with escapes
	strikes int      // see mostStrikes
}

// passageMember is a member and what it and those before it come to.
type passageMember struct {
	node   *node
	end    int32 // behind its value in the text, which goes on with what ends the value
	values int32
	keys   int32 // bytes of the keys of the rest
	slots  int32
	rest   int32
	spans  int32
}

// passageText is where a text is in that of the passage, or of its own texts if from is -1.
type passageText struct{ from, to int32 }

// passageSlot is a value at a wanted path.
type passageSlot struct {
	passageText
	at     int32
	origin Origin // in the text
	num    uint64
	known  uint32
	kind   Kind
}

// passageLeaf is a leaf of the rest.
type passageLeaf struct {
	passageText
	key string
}

// passed is what a passage has of the rest of a line.
type passed struct {
	*passage
	leaves int // so many of its rest
	at     int // how many leaves of the Scanner come before it
}

// Bounds of passages.
const (
	passageHead    = 32      // bytes by which they are found
	longestPassage = 1024    // bytes of text
	mostPassed     = 48      // values of a passage, less than a set of bits has
	passageSeats   = 2 << 10 // passages of a scanner, at most
	passageProbes  = 4       // seats that a passage can have
	passageTrials  = 512     // texts that are kept until they repeat
	passageCame    = 3       // times that a text comes before it is learned
	passagePause   = 1 << 10 // times that it comes then, until it may be learned again
	mostNotes      = 4       // passages learned from one line
	mostStrikes    = 8       // lines in a row that are like the beginning of a passage only
	mostVariants   = 32      // passages that differ in a member, until none goes through it
)

// The credit of a node says whether it pays to look for passages that begin with it. It is in
// nanoseconds, about: of what need not be read there is credit, a byte for one, and all that
// is done for it takes some. A node without credit gets none again. Members of the alert itself
// begin with more: most can continue after them, and until that is learned chance decides.
const (
	firstCredit = 100_000
	topCredit   = 400_000
	mostCredit  = 400_000
	slotCredit  = 20  // for a value whose number is known
	lookCredit  = 150 // to look for a passage
	missCredit  = 40  // to find none
	vainCredit  = 500 // to learn and find nothing
	learnCredit = 1000
)

// passages finds passages by their heads.
type passages struct {
	seats  []passageSeat  // hash table
	trials []passageTrial // by hash
	notes  []note
}

type passageSeat struct {
	hash uint64
	*passage
}

// passageTrial is a text that came once.
type passageTrial struct {
	hash uint64
	came int
	text []byte // what those that came have in common, but for the first
}

// note is a text that came twice, in which a passage is to be learned before the next line
// is read.
type note struct {
	hash  uint64
	first *node
	depth int
	text  string
}

// headOf hashes the first bytes of a passage.
func headOf(s string, i int, first *node) uint64 {
	hi, lo := bits.Mul64(load8(s, i)^0x9e3779b97f4a7c15, load8(s, i+8)^0xc2b2ae3d27d4eb4f^uint64(first.id)<<32)
	hi2, lo2 := bits.Mul64(load8(s, i+16)^0x165667b19e3779f9, load8(s, i+24)^0xd6e8feb86659fd93)
	return (hi^lo)*0xff51afd7ed558ccd ^ hi2 ^ lo2
}

// find returns the passage with which s continues, and how many of its members are the same.
func (ps *passages) find(hash uint64, s string, first *node, depth int) (p *passage, members int) {
	for k := range uint64(passageProbes) {
		seat := &ps.seats[(hash+k)%passageSeats]
		if seat.hash != hash || seat.passage == nil || seat.first != first || seat.depth < depth {
			continue
		}
		if strings.HasPrefix(s, seat.text) {
			return seat.passage, len(seat.members)
		}
		if n := seat.same(s); p == nil || n > members {
			p, members = seat.passage, n
		}
	}
	return p, members
}

// same returns how many of the members s has, too.
func (p *passage) same(s string) (members int) {
	for n := common(s, p.text); members < len(p.members) && int(p.members[members].end) < n; {
		members++
	}
	return members
}

// common returns how many bytes are the same at the beginning of two texts.
func common(a, b string) int {
	i, n := 0, min(len(a), len(b))
	for ; i <= n-8; i += 8 {
		if x := load8(a, i) ^ load8(b, i); x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
	}
	for i < n && a[i] == b[i] {
		i++
	}
	return i
}

// repeated takes the values of a passage that repeats with the value of m at s[i]. It
// returns where the value of its last member ends, and that member; 0 and m if none comes.
func (sc *Scanner) repeated(s string, i int, m *node, depth int) (end int, last *node) {
	ps := &sc.memory.passages
	if sc.learning {
		return 0, m
	}
	if ps.seats == nil {
		ps.seats, ps.trials = make([]passageSeat, passageSeats), make([]passageTrial, passageTrials)
	}
	hash := headOf(s, i, m)
	p, members := ps.find(hash, s[i:], m, depth)
	m.credit -= lookCredit
	if p == nil || members < len(p.members) {
		m.credit -= missCredit
		if members == 0 {
			ps.try(hash, s[i:], m, depth, 0)
			return 0, m
		}
		ps.try(hash, s[i:], m, depth, int(p.members[members-1].end))
		if p.strikes++; p.strikes == mostStrikes {
			p.cut(members)
		}
	} else {
		p.strikes = 0
	}
	if sc.budget < int(p.members[members-1].values) || originAt(i+len(p.text)) == 0 {
		return 0, m
	}
	end = i + int(p.members[members-1].end)
	m.credit = min(m.credit+end-i+slotCredit*int(p.members[members-1].slots), mostCredit)
	return end, sc.repeat(p, members, s[i:end], Origin(i))
}

// repeat takes the values of the first members of a passage, whose text s begins at the given
// place of the line. It returns the last of these members.
func (sc *Scanner) repeat(p *passage, members int, s string, begin Origin) *node {
	for j := range p.members[:members] {
		sc.see(p.members[j].node)
	}
	last := &p.members[members-1]
	sc.budget -= int(last.values)
	for j := range p.slots[:last.slots] {
		v := &p.slots[j]
		sc.put(int(v.at), slot{text: p.of(v.passageText, s), num: v.num, kind: v.kind, known: v.known, origin: begin + v.origin})
	}
	if last.spans > 0 {
		sc.spans = appendSpans(sc.spans, p.spans[:last.spans], begin)
	}
	if last.rest > 0 {
		sc.passed = append(sc.passed, passed{p, int(last.rest), len(sc.rest)})
	}
	sc.keys += int(last.keys)
	sc.redo = sc.redo || sc.keys > sc.spec.limits.PathBytes
	return last.node
}

// of returns a text of a passage that repeats as s. It is that of the line, as it is
// where the line is read: many pointers into many passages would keep the garbage collector busy.
func (p *passage) of(t passageText, s string) string {
	if t.from < 0 {
		return p.own[t.to]
	}
	return s[t.from:t.to]
}

// cut leaves the first members of a passage.
func (p *passage) cut(members int) {
	p.members = p.members[:members]
	p.text, p.strikes = p.text[:p.members[members-1].end+1], 0
}
