package source

import "github.com/sluice-lake/sluice/engine/jsontext"

// cutter finds the values that are alerts in a JSON text, where they are not
// one a line: values one after another, the elements of lists among these, the
// hits of _search responses. It keeps where in the text it is, so that the text
// may come in parts.
type cutter struct {
	at       place
	hits     bool // the list is that of a response
	open     int  // objects of the response that are still open
	bulk     bool
	document bool // the value before was an action of _bulk
}

// place is what may come next.
type place uint8

const (
	outside   place = iota // a value, or the end
	first                  // an element or the end of the list
	element                // an element
	separator              // a comma or the end of the list
	members                // behind the hits: another member, or the end of the object
)

// cut is what the cutter found in a text.
type cut struct {
	kind  kind
	begin int
	end   int // of a value or an action; of damage, the first byte at fault
}

type kind uint8

const (
	unfinished kind = iota // what begins at begin does not end in the text
	value
	act // an action of _bulk
	damage
	ended // nothing comes any more
)

// next looks from text[i] on. whole says that nothing follows text. What the
// cutter remembers afterwards holds at the end of a value or an action, else at
// begin.
func (c *cutter) next(text string, i int, whole bool) cut {
	for {
		i = jsontext.Blank(text, i)
		if i == len(text) {
			return c.atEnd(i, whole)
		}
		after := i
		switch {
		case c.at == outside:
			after = c.enter(text, i)
			if after == i || whole && after == ^len(text) {
				return c.value(text, i, whole)
			}
		case text[i] == ']' && (c.at == first || c.at == separator):
			c.leave()
			after = i + 1
		case c.at == first || c.at == element:
			return c.value(text, i, whole)
		case c.at == members:
			after = c.member(text, i, whole)
		case text[i] == ',':
			c.at = element
			after = i + 1
		default:
			after = ^i
		}
		switch {
		case after == ^len(text) && !whole:
			return cut{unfinished, i, 0}
		case after < 0:
			return cut{damage, i, ^after}
		}
		i = after
	}
}

func (c *cutter) atEnd(i int, whole bool) cut {
	switch {
	case !whole:
		return cut{unfinished, i, 0}
	case c.at == outside:
		return cut{ended, i, 0}
	}
	return cut{damage, i, i}
}

// enter goes into a list of alerts that opens at text[i], and returns the
// position behind its bracket, i when none opens there, or ^len(text) when text
// ends before that is clear.
func (c *cutter) enter(text string, i int) int {
	after := i
	switch text[i] {
	case '[':
		after = jsontext.Blank(text, i+1)
		if after == len(text) {
			return ^len(text)
		}
		if text[after] != '{' && text[after] != ']' {
			return i
		}
		c.hits = false
	case '{':
		after = hitsOf(text, i)
		if after == 0 {
			return i
		}
		c.hits = true
	}
	if after > i {
		c.at = first
	}
	return after
}

func (c *cutter) leave() {
	c.at = outside
	if c.hits {
		c.at, c.open = members, 2
	}
}

// member reads one member behind the hits, or the end of an object.
func (c *cutter) member(text string, i int, whole bool) int {
	switch text[i] {
	case '}':
		if c.open--; c.open == 0 {
			c.at = outside
		}
		return i + 1
	case ',':
		i = jsontext.NameEnd(text, jsontext.Blank(text, i+1))
		if i < 0 {
			return i
		}
		return valueEnd(text, i, whole)
	}
	return ^i
}

func (c *cutter) value(text string, i int, whole bool) cut {
	end := valueEnd(text, i, whole)
	switch {
	case end == ^len(text) && !whole:
		return cut{unfinished, i, 0}
	case end < 0:
		return cut{damage, i, ^end}
	}
	if c.at != outside {
		c.at = separator
	}
	document := c.document
	c.document = false
	if c.bulk && !document {
		if does := actionOf(text[i:end]); does != noAction {
			c.document = does == store
			return cut{act, i, end}
		}
	}
	return cut{value, i, end}
}

// valueEnd is jsontext.ValueEnd for a text that may continue: the digits of a
// number may continue too.
func valueEnd(text string, i int, whole bool) int {
	end := jsontext.ValueEnd(text, i)
	if end == len(text) && !whole && text[end-1] != '}' && text[end-1] != ']' && text[end-1] != '"' {
		return ^len(text)
	}
	return end
}

// over says that the value at hand was passed over, because it is too long.
func (c *cutter) over() {
	c.document = false
	if c.at != outside {
		c.at = separator
	}
}
