package alert

import "strconv"

// again reads a valid line a second time, into a tree, and takes the results
// from it.
func (sc *Scanner) again(text string, origin Origin) bool {
	sc.epoch++
	sc.emptyRest()
	sc.scratch, sc.escapes, sc.keys = sc.scratch[:0], sc.escapes[:0], 0
	t := sc.odd.build(text)
	if t == nil {
		sc.fail(0, "lists and objects are nested more than "+strconv.Itoa(rawDepth)+" deep")
		return false
	}
	t, wrapped := t.unwrap()
	root := sc.spec.root
	if root.slot >= 0 && (wrapped || sc.odd.duplicates) {
		t.text = string(t.appendTo(nil))
		sc.whole, sc.wholeOrigin = t, origin
	}
	sc.fill(root, t, origin)
	if root.keep {
		w := walk{out: sc.rest, places: sc.places, placed: sc.spec.placed, key: sc.key[:0], arena: sc.lend(), limits: &sc.spec.limits}
		w.leaves(t, root, 0)
		sc.rest, sc.places, sc.key, sc.keys, sc.joined = w.out, w.places, w.key, w.total, w.joined
	}
	return true
}

// fill fills the slots at and below p from the tree.
func (sc *Scanner) fill(p *wantNode, t *tree, origin Origin) {
	if p.slot >= 0 {
		if v := sc.lend().rawValue(t.text, origin.within(t.at)); v.Kind != Nil {
			s := sc.put(p.slot, slot{text: v.Text, num: v.Num, kind: v.Kind, origin: v.Origin})
			if t == sc.whole {
				s.origin = 0 // its text is not that of the line
			}
		}
	}
	for _, c := range p.order {
		if kid := t.kid(c.step); kid != nil {
			sc.fill(c, kid, origin)
		}
	}
}

// walk collects leaves under their keys.
type walk struct {
	out    []Leaf
	places []int32 // of the leaves, if they are placed
	placed bool
	key    []byte // of the place where the walk is
	arena  *Arena // of their keys and texts
	total  int    // bytes of keys so far
	joined bool   // a list or object is one leaf, because of the limits
	limits *Limits
	// origins, if there are any, leave out what was written; origin is that of
	// the text which the tree was read from.
	origins *Origins
	origin  Origin
}

// leaves appends the leaves of t that p, if it is not nil, leaves to the rest.
// place is that of the nearest wantNode above.
func (w *walk) leaves(t *tree, p *wantNode, place int) {
	if p != nil {
		if !p.keep {
			return
		}
		place = p.place
	}
	if w.origins != nil && w.origins.covers(w.origin.within(t.at)) {
		return
	}
	list := t.text[0] == '['
	if !list && t.text[0] != '{' {
		w.leaf(t.text, place)
		return
	}
	top, before, start := len(w.key), w.total, len(w.out)
	for i := range t.kids {
		step := Step{Name: t.kids[i].name, Index: i, IsIndex: list}
		var below *wantNode
		if p != nil && list {
			below = p.items[i]
		} else if p != nil {
			below = p.names[step.Name]
		}
		w.key = step.appendTo(w.key, top == 0)
		w.leaves(&t.kids[i], below, place)
		w.key = w.key[:top]
		if top > 0 && (w.total-before > w.limits.PathBytes || w.total > w.limits.KeyBytes) {
			w.out, w.total = w.out[:start], before
			w.places = w.places[:min(start, len(w.places))]
			w.add(t.text, place)
			w.joined = true
			return
		}
	}
}

// leaf adds a scalar, given as JSON, unless it is null or an empty text.
func (w *walk) leaf(raw string, place int) {
	text := raw
	if raw[0] == '"' {
		text = w.arena.rawValue(raw, 0).Text
	}
	if text == "" || raw[0] == 'n' {
		return
	}
	w.add(text, place)
}

func (w *walk) add(text string, place int) {
	w.total += len(w.key)
	w.out = append(w.out, Leaf{Key: w.arena.Text(w.key), Value: text})
	if w.placed {
		w.places = append(w.places, int32(place))
	}
}
