package alert

import "sort"

// span is a value inside what an alert has at a wanted place with other wanted places below it. Spans
// are in the order of the line, those in an object behind its own. They say where values begin and
// end, so that what is left of it, and whether a text is absent, takes no second reading.
type span struct {
	node  *node
	begin Origin
	size  uint32
	past  int32 // the span behind it and those in it
	esc   bool  // a text that is written with escapes
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
	sc.spans = append(sc.spans, span{node: m, begin: originAt(i)})
	end := sc.value(s, i, m, depth)
	p := &sc.spans[at]
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
		from := int(p.begin - w.origin)
		switch {
		case w.origins.covers(p.begin):
			i = int(p.past) - first
			continue
		case p.node.key == "" && !sc.memory.makeKey(p.node):
			return false
		case s[from] != '{' && s[from] != '[':
			w.span(p, s[from:from+int(p.size)])
		case p.whole(first + i):
			if w.key = append(w.key[:0], p.node.key...); w.unwritten(lx, s, from) < 0 {
				return false
			}
		}
		i++
	}
	return w.total-before <= w.limits.PathBytes && w.total <= w.limits.KeyBytes
}

// span adds a scalar, given as JSON, unless it is null or an empty text.
func (w *walk) span(p *span, raw string) {
	switch {
	case raw[0] == 'n':
		return
	case p.esc:
		raw = w.arena.unescaped(raw[1 : len(raw)-1])
	case raw[0] == '"':
		raw = raw[1 : len(raw)-1]
	}
	if raw != "" {
		w.total += len(p.node.key)
		w.out = append(w.out, Leaf{Key: p.node.key, Value: raw})
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
		case c == '"' && !p.esc:
			if a.Has(v.Text[from+1 : end-1]) {
				return true
			}
		case c == '"' && v.Text[from+1] != '\\' && a.first[v.Text[from+1]] == 0:
		case c == '"', (c == '{' || c == '[') && p.whole(first+i):
			if a.MaybeIn(v.Text[from:end]) {
				return true
			}
		}
	}
	return false
}
