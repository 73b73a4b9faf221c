package alert

import "strings"

// rawDepth bounds recursion on raw text that did not come from a Scanner.
const rawDepth = 10000

// cursor walks the items of a raw list or the members of a raw object. It ends
// at the first fault; text from a Scanner has none.
type cursor struct {
	s          string
	origin     Origin // of the list or object
	arena      *Arena // of texts with escapes
	pos        int
	from, to   int    // the current value
	key        string // between its quotes
	keyEscaped bool
	object     bool
}

func newCursor(v *Value, open byte, a *Arena) cursor {
	s := v.Text
	i := blank(s, 0)
	if i >= len(s) || s[i] != open {
		return cursor{}
	}
	return cursor{s: s, origin: v.Origin, arena: a, pos: i, object: open == '{'}
}

func (c *cursor) next() bool {
	s := c.s
	if c.pos >= len(s) {
		return false
	}
	if s[c.pos] != ',' && s[c.pos] != '[' && s[c.pos] != '{' {
		return false
	}
	lx := lexer{budget: len(s) + 1, maxDepth: rawDepth}
	i := blank(s, c.pos+1)
	if c.object {
		c.key, i, c.keyEscaped = lx.name(s, i)
	}
	if i < 0 || i < len(s) && s[i] == ']' {
		c.pos = len(s)
		return false
	}
	end := lx.skip(s, i, 0)
	if end < 0 {
		c.pos = len(s)
		return false
	}
	c.from, c.to = i, end
	c.pos = blank(s, end)
	return true
}

func (c *cursor) name() string {
	if c.keyEscaped {
		return c.arena.unescaped(c.key)
	}
	return c.key
}

func (c *cursor) value() Value {
	return c.arena.rawValue(c.s[c.from:c.to], c.origin.within(c.from))
}

// rawValue returns the value of a JSON text without white space around it. Lists
// and objects stay raw.
func rawValue(s string, o Origin) Value { return (*Arena)(nil).rawValue(s, o) }

func (a *Arena) rawValue(s string, o Origin) Value {
	switch s[0] {
	case '"':
		text := s[1 : len(s)-1]
		if strings.IndexByte(text, '\\') >= 0 {
			text = a.unescaped(text)
		}
		return Value{Kind: Text, Origin: o, Text: text}
	case '{':
		return Value{Kind: Object, Origin: o, Text: s}
	case '[':
		return Value{Kind: List, Origin: o, Text: s}
	case 't':
		return Value{Kind: Bool, Origin: o, Num: 1}
	case 'f':
		return Value{Kind: Bool, Origin: o}
	case 'n':
		return Value{}
	}
	_, whole := numberEnd(s, 0)
	kind, num := numberKind(s, whole)
	return Value{Kind: kind, Origin: o, Num: num, Text: s}
}

// Items is an iterator over the items of a list. It allocates only the text of
// items with escapes.
type Items struct {
	list   []Value
	origin Origin // of a list that was made
	i      int
	raw    cursor
}

// Items returns an iterator that starts before the first item. Only lists have
// items. Items that are null are absence.
//
//	for it := v.Items(); it.Next(); {
//		use(it.Value())
//	}
func (v Value) Items() Items { return v.ItemsIn(nil) }

// ItemsIn is Items with memory for the text of items with escapes.
func (v Value) ItemsIn(a *Arena) Items {
	switch {
	case v.Kind != List:
		return Items{}
	case v.list == nil:
		return Items{raw: newCursor(&v, '[', a)}
	}
	return Items{list: *v.list, origin: v.Origin, i: -1}
}

// Next advances to the next item and reports whether there is one.
func (it *Items) Next() bool {
	if it.list == nil {
		return it.raw.next()
	}
	it.i++
	return it.i < len(it.list)
}

// Value returns the item that Next advanced to. Lists and objects in a raw list
// are raw.
func (it *Items) Value() Value {
	if it.list == nil {
		return it.raw.value()
	}
	v := it.list[it.i]
	if v.Origin == 0 {
		v.Origin = it.origin
	}
	return v
}

// Made returns the items of a made list, for reading, and false for any other
// value.
func (v Value) Made() ([]Value, bool) {
	if v.list == nil {
		return nil, false
	}
	return *v.list, true
}

// Members returns the members of an object, for reading, in the order of their
// names and each once. For a raw object it allocates them, and lists and objects
// among them are raw. Only objects have members.
func (v Value) Members() []Member { return v.MembersIn(nil) }

// MembersIn is Members with memory for those of a raw object.
func (v Value) MembersIn(a *Arena) []Member {
	switch {
	case v.Kind != Object:
		return nil
	case v.object != nil:
		return v.object.members
	}
	members, _ := v.Without(a, nil)
	return members
}

// Without returns the members of an object in memory of the Arena, but for those whose name
// is dropped, and how many there are with these. Names that a raw object has more than once
// count each time, and drop is called for each. A nil drop drops none.
func (v Value) Without(a *Arena, drop func(name string) bool) (members []Member, all int) {
	if v.object != nil {
		members, n := a.Members(len(v.object.members)), 0
		for _, m := range v.object.members {
			if drop == nil || !drop(m.Name) {
				members[n] = m
				n++
			}
		}
		return members[:n], len(v.object.members)
	}
	for c := newCursor(&v, '{', a); c.next(); all++ {
		if name := c.name(); drop == nil || !drop(name) {
			members = a.appendMember(members, Member{name, c.value()})
		}
	}
	return inOrder(members), all
}

// Member returns the member of an object with a name, the last one if there are
// several, and false if there is none.
func (v Value) Member(name string) (Value, bool) {
	switch {
	case v.Kind != Object:
		return Value{}, false
	case v.object != nil:
		m, ok := v.object.member(name)
		return m.of(v.Origin), ok
	}
	from, to := 0, 0
	c := newCursor(&v, '{', nil)
	for c.next() {
		if c.key == name && !c.keyEscaped || c.keyEscaped && c.name() == name {
			from, to = c.from, c.to
		}
	}
	if to == 0 {
		return Value{}, false
	}
	return rawValue(v.Text[from:to], v.Origin.within(from)), true
}

// Has reports whether a made object has a member of that name with a value.
func (v *Value) Has(name string) bool {
	i := v.object.find(name)
	return i >= 0 && v.object.members[i].Value.Kind != Nil
}

// Index returns the item of a list at i, counted from 0, or from the end if i is
// negative. A missing item is absence.
func (v Value) Index(i int) Value {
	if list, ok := v.Made(); ok {
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return Value{}
		}
		return list[i].of(v.Origin)
	}
	if i < 0 {
		for it := v.Items(); it.Next(); {
			i++
		}
	}
	if i < 0 {
		return Value{}
	}
	for it := v.Items(); it.Next(); i-- {
		if i == 0 {
			return it.Value()
		}
	}
	return Value{}
}

// IsRaw reports whether the value is a raw list or object.
func (v Value) IsRaw() bool { return v.Kind >= List && v.list == nil && v.object == nil }

// IsEmpty reports whether the value is a list or an object without contents.
func (v Value) IsEmpty() bool {
	switch {
	case v.Kind < List:
		return false
	case v.list != nil:
		return len(*v.list) == 0
	case v.object != nil:
		return len(v.object.members) == 0
	}
	return blank(v.Text, 1) == len(v.Text)-1
}
