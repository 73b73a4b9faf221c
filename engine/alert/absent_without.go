package alert

// Without returns a raw list or object of an alert in which the absent texts are gone, for one
// of which MaybeIn holds. An item of a list becomes absence at its position, a member of an
// object goes. What is left keeps its Origin. A value without absent texts is returned as it
// is. The Reader lends memory, and the Arena that of a value that is made.
func (a *Absent) Without(v Value, r *Reader, arena *Arena) Value {
	f := &r.sc.filter
	f.lexer = lexer{budget: len(v.Text) + 1, maxDepth: rawDepth}
	f.absent, f.arena, f.origin, f.open = a, arena, v.Origin, f.open[:0]
	made, end := f.value(v.Text, 0, 1)
	if end != len(v.Text) || made.Num != lacking {
		return v
	}
	made.Num = 0
	return made
}

// filter makes what is left of a list or object, in one pass.
type filter struct {
	lexer
	absent *Absent
	arena  *Arena
	origin Origin   // of the text that is read
	open   []Member // of the lists and objects that are being read, so far
}

// lacking is Num of an absent text, and of a made list or object in which one was, until what
// is around it is made.
const lacking = 1

// lacks reports whether v is an absent text or was made of one, and takes the mark away.
func (v *Value) lacks() bool {
	if v.Kind != Nil && v.Kind < List || v.Num != lacking {
		return false
	}
	v.Num = 0
	return true
}

// forget drops what aliases texts, and keeps the memory.
func (f *filter) forget() {
	if cap(f.open) > keepTrees {
		f.open = nil
	}
	clear(f.open[:cap(f.open)])
	f.absent, f.arena = nil, nil
}

func (f *filter) value(s string, i, depth int) (v Value, end int) {
	if i >= len(s) {
		return Value{}, -1
	}
	switch s[i] {
	case '{':
		return f.object(s, i, depth)
	case '[':
		return f.list(s, i, depth)
	case '"':
		end, escaped := f.str(s, i)
		if end < 0 {
			return Value{}, end
		}
		text := s[i+1 : end-1]
		if escaped {
			text = f.arena.unescaped(text)
		}
		if f.absent.Has(text) {
			return Value{Num: lacking}, end
		}
		return Value{Kind: Text, Origin: f.origin.within(i), Text: text}, end
	}
	if end, _ = f.plain(s, i); end < 0 {
		return Value{}, end
	}
	return f.arena.rawValue(s[i:end], f.origin.within(i)), end
}

func (f *filter) list(s string, i, depth int) (v Value, end int) {
	if depth > f.maxDepth {
		return Value{}, -1
	}
	from, more := len(f.open), true
	if i = blank(s, i+1); i < len(s) && s[i] == ']' {
		i, more = i+1, false
	}
	for more {
		item, end := f.value(s, i, depth+1)
		f.open = append(f.open, Member{Value: item})
		i, more = f.next(s, end, ']')
	}
	items, found := f.arena.Values(len(f.open)-from), uint64(0)
	for at := range items {
		items[at] = f.open[from+at].Value
		if items[at].lacks() {
			found = lacking
		}
	}
	f.open = f.open[:from]
	v = f.arena.List(items)
	v.Num = found
	return v, i
}

func (f *filter) object(s string, i, depth int) (v Value, end int) {
	if depth > f.maxDepth {
		return Value{}, -1
	}
	from, more := len(f.open), true
	if i = blank(s, i+1); i < len(s) && s[i] == '}' {
		i, more = i+1, false
	}
	for more {
		name, at, escaped := f.name(s, i)
		if at < 0 {
			return Value{}, at
		}
		if escaped {
			name = f.arena.unescaped(name)
		}
		member, end := f.value(s, at, depth+1)
		f.open = append(f.open, Member{name, member})
		i, more = f.next(s, end, '}')
	}
	v = f.close(from)
	return v, i
}

// close makes the object of the members from one on. Of those with the same name the last counts.
func (f *filter) close(from int) Value {
	members := f.arena.Members(len(f.open) - from)
	copy(members, f.open[from:])
	f.open = f.open[:from]
	members = inOrder(members)
	kept, found := members[:0], uint64(0)
	for at := range members {
		m := &members[at]
		gone := m.Value.Kind == Nil && m.Value.Num == lacking
		if m.Value.lacks() {
			found = lacking
		}
		if !gone {
			kept = append(kept, *m)
		}
	}
	v := f.arena.Object(kept)
	v.Num = found
	return v
}
