package alert

import "sort"

// span is a value inside what an alert has at a wanted place with other wanted places below it. Spans
// are in the order of the line, those in an object behind its own. They say where values begin and
// end, so that what is left of it, and whether a text is absent, takes no second reading.
type span struct {
	node  uint32 // its ID
	begin Origin
	size  uint32
	past  int32 // the span behind it and those in it
}

// outline marks the places at and below n whose values are spans. Items of lists are none: a list
// is one span.
func (n *wantNode) outline() {
	n.spanned = true
	for _, c := range n.order {
		if !c.step.IsIndex {
			c.outline()
		}
	}
}

// spanned reads the value of a member, as value does, and notes its span if it has one.
func (sc *Scanner) spanned(s string, i int, m *node, depth int) int {
	if !m.spanned {
		return sc.value(s, i, m, depth)
	}
	at := len(sc.spans)
	sc.spans = append(sc.spans, span{}) // and then field by field, see put
	p := &sc.spans[at]
	p.node, p.begin = m.id, originAt(i)
	end := sc.value(s, i, m, depth)
	p = &sc.spans[at]
	p.size, p.past = uint32(end-i), int32(len(sc.spans))
	return end
}

// appendSpans appends spans that are numbered from 0, and begin at a place of the line.
func appendSpans(dst, spans []span, begin Origin) []span {
	first := len(dst)
	dst = append(dst, spans...)
	for i := range dst[first:] {
		p := &dst[first+i]
		p.begin, p.past = p.begin+begin, p.past+int32(first)
	}
	return dst
}

// spansOf returns the span of a raw value of the line and those in it, none if it has no span, and
// the number of the first.
func (sc *Scanner) spansOf(v Origin) (spans []span, first int) {
	first = sort.Search(len(sc.spans), func(i int) bool { return sc.spans[i].begin >= v })
	if v == 0 || first == len(sc.spans) || sc.spans[first].begin != v {
		return nil, 0
	}
	return sc.spans[first:sc.spans[first].past], first
}

// whole reports whether there are no spans of a span, whose number is at: its value is to be read.
func (p *span) whole(at int) bool { return int(p.past) == at+1 }

// outlined appends the leaves of the value s that were not written, as unwritten does. It
// returns false, with nothing to rely on, if limits or names that come twice matter.
func (w *walk) outlined(sc *Scanner, s string, lx *lexer) bool {
	spans, first := sc.spansOf(w.origin)
	if spans == nil {
		return false
	}
	before := w.total
	for i := 0; i < len(spans); {
		p := &spans[i]
		if w.origins.covers(p.begin) {
			i = int(p.past) - first
			continue
		}
		i++
		from, n := int(p.begin-w.origin), sc.memory.node(p.node)
		if n.key == "" && !sc.memory.makeKey(n) {
			return false
		}
		if s[from] != '{' && s[from] != '[' {
			w.under(n.key, s[from:from+int(p.size)])
		} else if p.whole(first + i - 1) {
			if w.key = append(w.key[:0], n.key...); w.unwritten(lx, s, from) < 0 {
				return false
			}
		}
	}
	return w.total-before <= w.limits.PathBytes && w.total <= w.limits.KeyBytes
}

// under adds a scalar, given as JSON, under a key that may be kept, unless it is null or an empty text.
func (w *walk) under(key, raw string) {
	text := raw
	if raw[0] == '"' {
		text = w.arena.rawValue(raw, 0).Text
	}
	if text != "" && raw[0] != 'n' {
		w.total += len(key)
		w.out = append(w.out, Leaf{Key: key, Value: text})
	}
}

// MayHave reports whether a raw list or object of the last line may hold an absent text, as
// Absent.MaybeIn does.
func (r *Reader) MayHave(a *Absent, v *Value) bool {
	spans, first := r.sc.spansOf(v.Origin)
	if spans == nil {
		return a.MaybeIn(v.Text)
	}
	for i := range spans {
		p := &spans[i]
		from, end := int(p.begin-v.Origin), int(p.begin-v.Origin)+int(p.size)
		switch c := v.Text[from]; {
		case c == '"':
			if next := v.Text[from+1]; next != '\\' && a.first[next] == 0 {
				continue // it begins like none of them
			}
		case c != '{' && c != '[' || !p.whole(first+i):
			continue
		}
		if a.MaybeIn(v.Text[from:end]) {
			return true
		}
	}
	return false
}
