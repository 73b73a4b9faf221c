package alert

import "github.com/sluice-lake/sluice/engine/jsontext"

// object reads the object that opens at s[i] and whose members are below n.
// The guess for its first member is kept in *first: both parts of a wrapped
// alert have the root as n, and begin differently.
func (sc *Scanner) object(s string, i int, n *node, first **node, depth int) int {
	if depth > sc.maxDepth {
		return sc.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	return sc.members(s, i, n, first, depth)
}

// members reads the members of an object from the first one on, and its end.
func (sc *Scanner) members(s string, i int, n *node, guess **node, depth int) int {
	for {
		m := *guess
		if guessed(s, i, m) {
			i += len(m.quoted)
			if i < len(s) && s[i] <= ' ' {
				i = blank(s, i)
			}
		} else {
			m, i = sc.member(s, i, n)
			if i < 0 {
				return -1
			}
		}
		if m == nil {
			i = sc.skip(s, i, depth)
		} else {
			if m.quoted != "" {
				*guess = m
			}
			end, last := 0, m
			if m.credit > 0 && i <= len(s)-passageHead {
				end, last = sc.repeated(s, i, m, depth)
			}
			if end == 0 {
				sc.see(m)
				if m.spanned {
					end = sc.spanned(s, i, m, depth)
				} else {
					end = sc.value(s, i, m, depth)
				}
			}
			i, guess = end, &last.next
		}
		// What next does, spelled out: calling it here costs 4 % of a scan.
		if i < 0 {
			return -1
		}
		if i < len(s) && s[i] <= ' ' {
			i = blank(s, i)
		}
		if i < len(s) && s[i] == ',' {
			i++
			if i < len(s) && s[i] <= ' ' {
				i = blank(s, i)
			}
			continue
		}
		if i < len(s) && s[i] == '}' {
			return i + 1
		}
		return sc.fail(i, expected("a comma or } in an object", s, i))
	}
}

// see notes that the line has a member. One that it has twice needs the tree.
func (sc *Scanner) see(m *node) {
	sc.redo = sc.redo || m.seen == sc.epoch
	m.seen = sc.epoch
}

// member reads a name that was not guessed and finds or learns its node.
func (sc *Scanner) member(s string, i int, parent *node) (*node, int) {
	name, i := sc.unescapedName(s, i)
	if i < 0 {
		return nil, -1
	}
	return sc.memory.member(parent, name), i
}

// unescapedName reads a name without its escapes.
func (sc *Scanner) unescapedName(s string, i int) (name string, value int) {
	name, i, esc := sc.name(s, i)
	if i >= 0 && esc {
		name = sc.lend().unescaped(name)
	}
	return name, i
}

// value reads the value at s[i], which belongs to n.
func (sc *Scanner) value(s string, i int, n *node, depth int) int {
	if i >= len(s) || !sc.spend(i) {
		return sc.fail(i, expected("a value", s, i))
	}
	switch s[i] {
	case '"':
		end, esc := jsontext.StringEnd(s, i+1)
		switch {
		case end < 0:
			return sc.fail(^end, stringFault(s, ^end))
		case esc:
			sc.escapedText(s[i+1:end], n, originAt(i))
		default:
			if n.slot >= 0 {
				sc.put(n.slot, slot{text: s[i+1 : end], kind: Text, origin: originAt(i)})
			}
			if n.keep && end > i+1 {
				sc.leaf(n, s[i+1:end])
			}
		}
		return end + 1
	case '{', '[':
		return sc.composite(s, i, n, depth+1)
	}
	end, whole := sc.plain(s, i)
	if end >= 0 && s[i] != 'n' && (n.slot >= 0 || n.keep) {
		sc.scalar(s[i:end], n, whole, originAt(i))
	}
	return end
}

// put records the value at a wanted path, field by field: a copy of what was just made waits for
// its fields.
func (sc *Scanner) put(i int, s slot) *slot {
	sc.there[i/32] |= 1 << (i % 32)
	at := &sc.slots[i]
	at.epoch, at.text, at.num, at.kind, at.origin, at.known = sc.epoch, s.text, s.num, s.kind, s.origin, s.known
	return at
}

// leaf adds to the rest. It returns false if there is no room for the key; then
// the line is read again.
func (sc *Scanner) leaf(n *node, text string) bool {
	if n.key == "" && !sc.memory.makeKey(n) {
		return false
	}
	if sc.keys += len(n.key); sc.keys > sc.spec.limits.PathBytes {
		sc.redo = true // the tree decides what becomes one leaf
	}
	sc.rest = append(sc.rest, Leaf{}) // and then field by field, see put
	l := &sc.rest[len(sc.rest)-1]
	l.Key, l.Value = n.key, text
	if sc.spec.placed {
		sc.places = append(sc.places, n.place)
	}
	return true
}

// escapedText records a string whose text is not that of the line.
func (sc *Scanner) escapedText(raw string, n *node, origin Origin) {
	if n.slot < 0 && !n.keep {
		return
	}
	from := len(sc.scratch)
	sc.scratch = jsontext.AppendUnescaped(sc.scratch, raw)
	e := escaped{from: from, to: len(sc.scratch)}
	if n.slot >= 0 {
		e.slot = sc.put(n.slot, slot{kind: Text, origin: origin})
		sc.escapes = append(sc.escapes, e)
	}
	if n.keep && sc.leaf(n, "") {
		sc.escapes = append(sc.escapes, escaped{leaf: len(sc.rest) - 1, from: e.from, to: e.to})
	}
}

// scalar records a number or boolean.
func (sc *Scanner) scalar(text string, n *node, whole bool, origin Origin) {
	if n.keep {
		sc.leaf(n, text)
	}
	if n.slot < 0 {
		return
	}
	switch text[0] {
	case 't':
		sc.put(n.slot, slot{num: 1, kind: Bool, origin: origin})
	case 'f':
		sc.put(n.slot, slot{kind: Bool, origin: origin})
	default:
		kind, num := numberKind(text, whole)
		sc.put(n.slot, slot{text: text, num: num, kind: kind, origin: origin})
	}
}

// composite reads a list or an object, and only checks it if nothing inside is
// wanted.
func (sc *Scanner) composite(s string, i int, n *node, depth int) int {
	var end int
	switch {
	case n == sc.memory.outer && s[i] == '{':
		// The members of _source are members of the alert. A _source inside it
		// looks like a second one here, so the tree has to tell them apart.
		sc.redo = sc.redo || sc.memory.root.slot >= 0
		return sc.object(s, i, sc.memory.root, &n.first, depth)
	case s[i] == '{' && n.deep:
		end = sc.object(s, i, n, &n.first, depth)
	case s[i] == '{':
		end = sc.skipObject(s, i, depth)
	case n.deep:
		end = sc.list(s, i, n, depth)
	default:
		end = sc.skipList(s, i, depth)
	}
	if end >= 0 && n.slot >= 0 {
		kind := List
		if s[i] == '{' {
			kind = Object
		}
		sc.put(n.slot, slot{text: s[i:end], kind: kind, origin: originAt(i)})
	}
	return end
}

// list reads the list that opens at s[i] and whose items are below n.
func (sc *Scanner) list(s string, i int, n *node, depth int) int {
	if depth > sc.maxDepth {
		return sc.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1
	}
	for at, more := 0, true; more; at++ {
		if m := sc.memory.item(n, at); m != nil {
			i = sc.spanned(s, i, m, depth)
		} else {
			sc.redo = sc.redo || n.track || n.far
			i = sc.skip(s, i, depth)
		}
		if comma(s, i) {
			i++
			continue
		}
		i, more = sc.next(s, i, ']')
	}
	return i
}
