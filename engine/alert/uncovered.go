package alert

import "strconv"

// AppendUnwritten appends the leaves at and under used wants that were not
// written into the event, want by want, with the keys that the rest would give
// them; so it completes Rest.
func (r *Reader) AppendUnwritten(dst []Leaf, o *Origins) []Leaf {
	o.settle()
	total := r.sc.keys
	for _, i := range r.tops {
		s := &r.sc.slots[r.slot[i]]
		if s.epoch == r.sc.epoch && !o.covers(s.origin) {
			dst = r.appendUnwritten(dst, r.keys[i], s, o, &total)
		}
	}
	o.erase()
	return dst
}

// appendUnwritten appends the leaves of one want. Total is the bytes of keys so far.
func (r *Reader) appendUnwritten(dst []Leaf, key string, s *slot, o *Origins, total *int) []Leaf {
	switch s.kind {
	case Bool:
		return append(dst, Leaf{key, strconv.FormatBool(s.num != 0)})
	case List, Object:
		whole := Value{Kind: s.kind, Text: s.text, Origin: s.origin}
		if whole.written(o) {
			return dst
		}
		return r.appendTree(dst, key, s, o, total)
	}
	if s.text == "" {
		return dst
	}
	return append(dst, Leaf{key, s.text})
}

// written reports whether every value in a raw list or object was written. It
// spares making the tree of one whose items all went into the event.
func (v *Value) written(o *Origins) bool {
	open := byte('[')
	if v.Kind == Object {
		open = '{'
	}
	for c := newCursor(v, open, nil); c.next(); {
		if !o.covers(c.origin.within(c.from)) {
			return false
		}
	}
	return v.Origin != 0
}

func (r *Reader) appendTree(dst []Leaf, key string, s *slot, o *Origins, total *int) []Leaf {
	w := walk{out: dst, key: append(r.sc.key[:0], key...), arena: r.sc.lend(), total: *total, limits: &r.sc.spec.limits, origins: o, origin: s.origin}
	t := r.sc.whole
	if s.origin != 0 || t == nil {
		t = r.sc.trees.build(s.text)
	} else {
		w.origin = r.sc.wholeOrigin
	}
	if t != nil {
		w.leaves(t, nil, 0)
		r.join(&w)
		r.sc.key, *total = w.key, w.total
		return w.out
	}
	if key == "" {
		key = "alert"
	}
	return append(dst, Leaf{key, s.text})
}
