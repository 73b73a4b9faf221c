package alert

import (
	"math"
	"math/bits"
	"strconv"
)

// AppendUnwritten appends the leaves at and under used wants that were not
// written into the event, want by want, with the keys that the rest would give
// them; so it completes Rest.
func (r *Reader) AppendUnwritten(dst []Leaf, o *Origins) []Leaf {
	o.settle()
	total := r.sc.keys
	for word, tops := range r.tops {
		// Most are not there: their slots are not even looked at.
		for set := tops & r.sc.there[word]; set != 0; set &= set - 1 {
			at := word*32 + bits.TrailingZeros32(set)
			if s := &r.sc.slots[at]; s.epoch == r.sc.epoch && !o.covers(s.origin) {
				dst = r.appendTop(dst, at, s, o, &total)
			}
		}
	}
	o.erase()
	return dst
}

// appendTop appends the leaves at and under the want of a slot that was not written whole.
func (r *Reader) appendTop(dst []Leaf, at int, s *slot, o *Origins, total *int) []Leaf {
	seat, now := r.sc.exhausts(at, s, o)
	if seat != nil && *seat == now && *total <= r.sc.spec.limits.KeyBytes {
		return dst
	}
	before := len(dst)
	dst = r.appendUnwritten(dst, r.keys[r.want[at]], s, o, total)
	if seat != nil && len(dst) == before {
		*seat = now
	}
	return dst
}

// exhausted is a list or object of which all leaves were written: its slot and its number, and at
// which bytes of it something was written.
type exhausted struct {
	slot    int
	known   uint32
	written uint64
}

// exhaustedSeats is how many of these a scanner keeps, each in the one seat that it can have.
const exhaustedSeats = 256

// exhausts returns what a value would be among those of which nothing is left, and its seat
// there; nil if it has none.
func (sc *Scanner) exhausts(slot int, s *slot, o *Origins) (*exhausted, exhausted) {
	if s.kind < List || len(s.text) > 64 || s.known == pending || s.known == unique {
		return nil, exhausted{}
	}
	if sc.exhausted == nil {
		sc.exhausted = make([]exhausted, exhaustedSeats)
	}
	now := exhausted{slot, s.known, o.begunIn(s.origin, len(s.text))}
	return &sc.exhausted[(slot*31+int(s.known))%exhaustedSeats], now
}

// appendUnwritten appends the leaves of one want. Total is the bytes of keys so far.
func (r *Reader) appendUnwritten(dst []Leaf, key string, s *slot, o *Origins, total *int) []Leaf {
	switch s.kind {
	case Bool:
		return append(dst, Leaf{Key: key, Value: strconv.FormatBool(s.num != 0)})
	case List, Object:
		return r.appendTree(dst, key, s, o, total)
	}
	if s.text == "" {
		return dst
	}
	return append(dst, Leaf{Key: key, Value: s.text})
}

func (r *Reader) appendTree(dst []Leaf, key string, s *slot, o *Origins, total *int) []Leaf {
	sc := r.sc
	w := walk{out: dst, key: append(sc.key[:0], key...), arena: sc.lend(), total: *total, limits: &sc.spec.limits, origins: o, origin: s.origin}
	if s.origin != 0 {
		lx := &sc.trees.lexer
		*lx = lexer{budget: math.MaxInt, maxDepth: rawDepth} // it may read members twice
		if w.outlined(sc, s.text, lx) {
			return r.appended(&w, total)
		}
		w.out, w.key, w.total, w.joined = dst, append(w.key[:0], key...), *total, false
		if w.unwritten(lx, s.text, 0) >= 0 {
			return r.appended(&w, total)
		}
		w.out, w.key, w.total, w.joined = dst, w.key[:len(key)], *total, false
	}
	t := sc.whole
	if s.origin != 0 || t == nil {
		t = sc.trees.build(s.text)
	} else {
		w.origin = sc.wholeOrigin
	}
	if t != nil {
		w.leaves(t, nil, 0)
		return r.appended(&w, total)
	}
	if key == "" {
		key = "alert"
	}
	return append(dst, Leaf{Key: key, Value: s.text})
}

// appended takes over what a walk has made.
func (r *Reader) appended(w *walk, total *int) []Leaf {
	r.join(w)
	r.sc.key, *total = w.key, w.total
	return w.out
}
