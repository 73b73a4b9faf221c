package alert

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// rawDepth bounds recursion on raw text that did not come from a Scanner.
const rawDepth = 10000

// cursor walks the items of a raw list or the members of a raw object. It ends
// at the first fault, which text from a Scanner has not.
type cursor struct {
	s          string
	pos        int
	from, to   int    // the current value
	key        string // between its quotes
	keyEscaped bool
	object     bool
}

func newCursor(s string, open byte) cursor {
	i := blank(s, 0)
	if i >= len(s) || s[i] != open {
		return cursor{}
	}
	return cursor{s: s, pos: i, object: open == '{'}
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
		return string(jsontext.AppendUnescaped(nil, c.key))
	}
	return c.key
}

func (c *cursor) value() Value { return rawValue(c.s[c.from:c.to]) }

// rawValue is the value of a JSON text without white space around it. A list or
// an object stays raw.
func rawValue(s string) Value {
	switch s[0] {
	case '{':
		return Value{Kind: Object, Text: s}
	case '[':
		return Value{Kind: List, Text: s}
	case '"':
		text := s[1 : len(s)-1]
		if strings.IndexByte(text, '\\') >= 0 {
			text = string(jsontext.AppendUnescaped(nil, text))
		}
		return OfText(text)
	case 't', 'f':
		return OfBool(s[0] == 't')
	case 'n':
		return Value{}
	}
	_, whole := numberEnd(s, 0)
	return scanned(s, whole)
}

// Items is an iterator over the items of a list. It allocates nothing but the
// text of items with escapes.
type Items struct {
	list []Value
	i    int
	raw  cursor
}

// Items starts before the first item. What is no list has none. Items that are
// null come as absence.
//
//	for it := v.Items(); it.Next(); {
//		use(it.Value())
//	}
func (v Value) Items() Items {
	switch {
	case v.Kind != List:
		return Items{}
	case v.list == nil:
		return Items{raw: newCursor(v.Text, '[')}
	}
	return Items{list: *v.list, i: -1}
}

// Next goes to the next item and reports whether there is one.
func (it *Items) Next() bool {
	if it.list == nil {
		return it.raw.next()
	}
	it.i++
	return it.i < len(it.list)
}

// Value is the item that Next went to; lists and objects in a raw list are raw
// again.
func (it *Items) Value() Value {
	if it.list == nil {
		return it.raw.value()
	}
	return it.list[it.i]
}

// Made gives the items of a list that was made, for reading. It is false for
// all else.
func (v Value) Made() ([]Value, bool) {
	if v.list == nil {
		return nil, false
	}
	return *v.list, true
}

// Members gives the members of an object in the order of their names, each
// once; of a raw one they are a copy, and lists and objects in it are raw again.
// They are for reading. What is no object has none.
func (v Value) Members() []Member {
	switch {
	case v.Kind != Object:
		return nil
	case v.object != nil:
		return v.object.members
	}
	var members []Member
	for c := newCursor(v.Text, '{'); c.next(); {
		members = append(members, Member{c.name(), c.value()})
	}
	return inOrder(members)
}

// Member is the member of an object by that name, the last one where several
// have it. It is false for what is missing.
func (v Value) Member(name string) (Value, bool) {
	switch {
	case v.Kind != Object:
		return Value{}, false
	case v.object != nil:
		return v.object.member(name)
	}
	from, to := 0, 0
	c := newCursor(v.Text, '{')
	for c.next() {
		if c.key == name && !c.keyEscaped || c.keyEscaped && c.name() == name {
			from, to = c.from, c.to
		}
	}
	if to == 0 {
		return Value{}, false
	}
	return rawValue(v.Text[from:to]), true
}

// Index is the item of a list at i, from 0, or from the end if i is negative;
// absence of all that is missing.
func (v Value) Index(i int) Value {
	if list, ok := v.Made(); ok {
		if i < 0 {
			i += len(list)
		}
		if i < 0 || i >= len(list) {
			return Value{}
		}
		return list[i]
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

// IsRaw reports whether the value is a list or an object as JSON text.
func (v Value) IsRaw() bool { return v.Kind >= List && v.list == nil && v.object == nil }

// IsEmpty reports whether a list or an object has nothing in it.
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
