package alert

// mostNames is how many members of an object are told apart without a map.
const mostNames = 64

// names are those of the members of an object that were read, as a set of hashes: most objects
// have each name once, and no two with one hash.
type names struct {
	hashes [16]uint64
	count  int
}

// maybe notes a name and reports whether it may be among those before.
func (n *names) maybe(name string) bool {
	h := nameHash(name) & 1023
	before := n.hashes[h/64]
	n.hashes[h/64] |= 1 << (h % 64)
	n.count++
	return before>>(h%64)&1 != 0
}

// unwritten appends the leaves of the raw value at s[i] that were not written, in one pass, as
// leaves does with its tree. It returns the end of the value, or -1 if an object has a name
// twice, or very many.
func (w *walk) unwritten(lx *lexer, s string, i int) (end int) {
	open := s[i]
	if w.origins.covers(w.origin.within(i)) {
		return lx.skip(s, i, 0)
	}
	if open != '{' && open != '[' {
		end := lx.skip(s, i, 0)
		w.leaf(s[i:end], 0)
		return end
	}
	at := blank(s, i+1)
	if s[at] == open+2 { // ASCII has the closing brackets there
		return at + 1
	}
	top, before, start := len(w.key), w.total, len(w.out)
	var known names
	for n, more := 0, true; more; n++ {
		step := Step{Index: n, IsIndex: open == '['}
		if open == '{' {
			begin := at
			if step.Name, at = w.name(lx, s, at); known.count == mostNames || known.maybe(step.Name) && w.hasBefore(lx, s, i, begin, step.Name) {
				return -1
			}
		}
		w.key = step.appendTo(w.key, top == 0)
		at = w.unwritten(lx, s, at)
		w.key = w.key[:top]
		if at < 0 {
			return -1
		}
		if top > 0 && (w.total-before > w.limits.PathBytes || w.total > w.limits.KeyBytes) {
			end := lx.skip(s, i, 0)
			w.out, w.total, w.joined = w.out[:start], before, true
			w.add(s[i:end], 0)
			return end
		}
		at, more = lx.next(s, at, open+2)
	}
	return at
}

// name reads the name of a member.
func (w *walk) name(lx *lexer, s string, i int) (string, int) {
	raw, end, esc := lx.name(s, i)
	if esc {
		raw = w.arena.unescaped(raw)
	}
	return raw, end
}

// hasBefore reports whether the object at s[i] has a member of that name before another one.
func (w *walk) hasBefore(lx *lexer, s string, i, member int, name string) bool {
	for at := blank(s, i+1); at < member; {
		var other string
		if other, at = w.name(lx, s, at); other == name {
			return true
		}
		at, _ = lx.next(s, lx.skip(s, at, 0), '}')
	}
	return false
}
