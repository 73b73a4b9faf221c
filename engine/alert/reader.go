package alert

import (
	"math/bits"
	"strconv"
)

// Reader returns the results of one reading for the last line of its Scanner.
// They are valid as long as those of the Scanner.
type Reader struct {
	sc *Scanner
	*reading
	part []Leaf // the rest, where it is not all that the Scanner kept

	joinedIn uint64 // the epoch of the line in which AppendUnwritten or AppendLeaves joined leaves
}

// Joined reports whether a list or object of the last line is one leaf of the rest, or of
// what AppendUnwritten and AppendLeaves appended, because of the limits of keys.
func (r *Reader) Joined() bool { return r.sc.joined || r.joinedIn == r.sc.epoch }

// NewReader makes the Reader of one of the Spec's readings, by its index.
func (sc *Scanner) NewReader(i int) *Reader { return &Reader{sc: sc, reading: &sc.spec.readings[i]} }

// Value returns the value of wants[i] in the last line: absence if it is missing
// or null.
func (r *Reader) Value(i int) Value {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch {
		return Value{}
	}
	return Value{Kind: s.kind, Origin: s.origin, Num: s.num, Text: s.text}
}

// Read is Value for a value that has its place already, field by field: a copy of a Value that was
// just made waits for its fields.
func (r *Reader) Read(to *Value, i int) {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch {
		*to = Value{}
		return
	}
	to.Kind, to.Origin, to.Num, to.Text, to.list, to.object = s.kind, s.origin, s.num, s.text, nil, nil
}

// KindOf returns the kind of the value of wants[i] in the last line, and its text.
func (r *Reader) KindOf(i int) (Kind, string) {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch {
		return Nil, ""
	}
	return s.kind, s.text
}

// There appends which of the wanted places have a value in the last line, as a set of bits
// that only Has of this Reader can read. Places that have none may be among them.
func (r *Reader) There(dst []uint32) []uint32 {
	for i, set := range r.sc.there {
		dst = append(dst, set&r.own[i])
	}
	return dst
}

// AppendThere appends which of the wants have a value in the last line, each place once. Some that
// have none may be among them.
func (r *Reader) AppendThere(dst []int32) []int32 {
	for i, set := range r.sc.there {
		for set &= r.own[i]; set != 0; set &= set - 1 {
			dst = append(dst, r.want[32*i+bits.TrailingZeros32(set)])
		}
	}
	return dst
}

// Has reports whether wants[i] is in a set that There has appended.
func (r *Reader) Has(there []uint32, i int) bool {
	at := r.slot[i]
	return there[at/32]>>(at%32)&1 != 0
}

// Missing reports whether wants[i] has no place in the last line. If it has, its value may be
// absence all the same.
func (r *Reader) Missing(i int) bool { return r.sc.slots[r.slot[i]].epoch != r.sc.epoch }

// Rest returns the leaves of the last line that no used want covers, in the order
// of the alert, except null and empty text. The slice belongs to the Reader and
// is valid until the next Scan. It is empty if the reading has no rest.
func (r *Reader) Rest() []Leaf {
	if r.all && len(r.sc.passed) == 0 {
		return r.sc.rest
	}
	if cap(r.part) > keepLeaves {
		r.part = nil
	}
	r.part = AppendSingly(r.part[:0], r.AppendRest(nil))
	return r.part
}

// AppendRest appends the leaves of Rest, but groups of them as one.
func (r *Reader) AppendRest(dst []Leaf) []Leaf {
	if len(r.keep) == 0 {
		return dst
	}
	from := 0
	for i := range r.sc.passed {
		p := &r.sc.passed[i]
		dst = r.appendPassed(r.appendLeaves(dst, from, p.at), p)
		from = p.at
	}
	return r.appendLeaves(dst, from, len(r.sc.rest))
}

// appendLeaves appends those of some leaves of the Scanner that belong to the rest.
func (r *Reader) appendLeaves(dst []Leaf, from, to int) []Leaf {
	if r.all {
		return append(dst, r.sc.rest[from:to]...)
	}
	for i := from; i < to; i++ {
		if r.keep[r.sc.places[i]] {
			dst = append(dst, r.sc.rest[i])
		}
	}
	return dst
}

// AppendLeaves appends the leaves at or under wants[i], used or not, with the
// keys that they would have in the rest. It allocates: it is for the rare value
// that cannot be converted.
func (r *Reader) AppendLeaves(dst []Leaf, i int) []Leaf {
	s := &r.sc.slots[r.slot[i]]
	if s.epoch != r.sc.epoch {
		return dst
	}
	key := r.keys[i]
	switch s.kind {
	case Bool:
		return append(dst, Leaf{Key: key, Value: strconv.FormatBool(s.num != 0)})
	case List, Object:
		w := walk{out: dst, key: []byte(key), limits: &r.sc.spec.limits}
		if t := r.sc.trees.build(s.text); t != nil {
			w.leaves(t, nil, 0)
			r.join(&w)
			return w.out
		}
		if key == "" {
			key = "alert"
		}
		return append(dst, Leaf{Key: key, Value: s.text})
	}
	if s.text == "" {
		return dst
	}
	return append(dst, Leaf{Key: key, Value: s.text})
}

// Release drops what aliases lines: buffers would keep the memory of lines long past. There
// are no results until the next Scan.
func (r *Reader) Release() {
	r.part = nil
	sc := r.sc
	clear(sc.slots)
	sc.rest, sc.places, sc.passed, sc.escapes, sc.whole = nil, nil, nil, nil, nil
	sc.trees.forget()
	sc.filter.forget()
	sc.odd.forget()
	sc.arena.Reset()
}

func (r *Reader) join(w *walk) {
	if w.joined {
		r.joinedIn = r.sc.epoch
	}
}
