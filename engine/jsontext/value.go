package jsontext

import "strings"

// Blank passes over the white space of JSON and returns the position after it.
func Blank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
		i++
	}
	return i
}

// ValueEnd checks the JSON value that begins at s[i] and returns the position
// after it. If it is not JSON, the result is the complement of the position of
// the first byte at fault; ^len(s) means that s ends before the value does. A
// number that reaches the end of s counts as whole.
//
// It is strict by RFC 8259, with one exception: strings may hold bytes that are
// not UTF-8, since these do not change where a value ends. Values may be nested
// to any depth; below a depth of 256 it allocates nothing.
func ValueEnd(s string, i int) int {
	var open nest
	i = open.value(s, i)
	for i >= 0 && open.depth > 0 {
		i = open.next(s, i)
	}
	return i
}

// NameEnd checks the name of a member that begins at s[i], with the colon after
// it, and returns the position where the member's value begins. Faults are those
// of ValueEnd.
func NameEnd(s string, i int) int {
	switch {
	case i >= len(s):
		return ^len(s)
	case s[i] != '"':
		return ^i
	}
	i = stringEnd(s, i)
	if i < 0 {
		return i
	}
	i = Blank(s, i)
	switch {
	case i >= len(s):
		return ^len(s)
	case s[i] != ':':
		return ^i
	}
	return Blank(s, i+1)
}

// nest is the lists and objects around a position, one bit each, set for an
// object.
type nest struct {
	depth int
	first [4]uint64
	more  []uint64
}

func (n *nest) push(object bool) {
	if n.depth/64 == len(n.first)+len(n.more) {
		n.more = append(n.more, 0)
	}
	n.depth++
	word, bit := n.top()
	*word &^= bit
	if object {
		*word |= bit
	}
}

func (n *nest) object() bool {
	word, bit := n.top()
	return *word&bit != 0
}

// top is where the innermost list or object has its bit.
func (n *nest) top() (word *uint64, bit uint64) {
	at := (n.depth - 1) / 64
	bit = 1 << ((n.depth - 1) % 64)
	if at < len(n.first) {
		return &n.first[at], bit
	}
	return &n.more[at-len(n.first)], bit
}

// value reads the value at s[i], or of a list or object that is not empty what
// comes before the end of its first scalar.
func (n *nest) value(s string, i int) int {
	for i >= 0 && i < len(s) && (s[i] == '{' || s[i] == '[') {
		opener := s[i]
		i = Blank(s, i+1)
		if i < len(s) && s[i] == opener+2 { // } is two after {, and ] after [
			return i + 1
		}
		n.push(opener == '{')
		if opener == '{' {
			i = NameEnd(s, i)
		}
	}
	if i < 0 {
		return i
	}
	return scalarEnd(s, i)
}

// next reads what follows a value within a list or object: its end, or a comma
// and the next value.
func (n *nest) next(s string, i int) int {
	i = Blank(s, i)
	switch {
	case i >= len(s):
		return ^len(s)
	case s[i] == ',':
		i = Blank(s, i+1)
		if n.object() {
			i = NameEnd(s, i)
		}
		return n.value(s, i)
	case s[i] == '}' && n.object(), s[i] == ']' && !n.object():
		n.depth--
		return i + 1
	}
	return ^i
}

func scalarEnd(s string, i int) int {
	if i >= len(s) {
		return ^len(s)
	}
	switch c := s[i]; {
	case c == '"':
		return stringEnd(s, i)
	case c == 't':
		return wordEnd(s, i, "true")
	case c == 'f':
		return wordEnd(s, i, "false")
	case c == 'n':
		return wordEnd(s, i, "null")
	case c == '-' || digit(c):
		return numberEnd(s, i)
	}
	return ^i
}

// stringEnd returns the position after the string that opens at s[i], whatever
// bytes beyond ASCII are in it.
func stringEnd(s string, i int) int {
	end, _ := StringEnd(s, i+1)
	for end < 0 && ^end < len(s) && s[^end] >= 0x80 {
		end, _ = StringEnd(s, ^end+1)
	}
	switch {
	case end >= 0:
		return end + 1
	case ^end < len(s) && s[^end] == '\\' && cutEscape(s[^end:]):
		return ^len(s)
	}
	return end
}

// cutEscape reports whether s is the beginning of an escape that is cut off.
func cutEscape(s string) bool {
	if len(s) == 1 {
		return true
	}
	return s[1] == 'u' && len(s) < 6 && strings.Trim(s[2:], "0123456789abcdefABCDEF") == ""
}

func wordEnd(s string, i int, word string) int {
	switch {
	case strings.HasPrefix(s[i:], word):
		return i + len(word)
	case strings.HasPrefix(word, s[i:]):
		return ^len(s)
	}
	return ^i
}

func numberEnd(s string, i int) int {
	if s[i] == '-' {
		i++
	}
	if i < len(s) && s[i] == '0' {
		i++
	} else if i = digitsEnd(s, i); i < 0 {
		return i
	}
	if i < len(s) && s[i] == '.' {
		if i = digitsEnd(s, i+1); i < 0 {
			return i
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		i = digitsEnd(s, i)
	}
	return i
}

// digitsEnd passes over digits, at least one.
func digitsEnd(s string, i int) int {
	from := i
	for i < len(s) && digit(s[i]) {
		i++
	}
	if i == from {
		return ^i
	}
	return i
}

func digit(c byte) bool { return c-'0' <= 9 }
