package alert

import "github.com/sluice-lake/sluice/engine/jsontext"

// Entry is a member of an object, or an item of a list without a Name.
type Entry struct {
	Name  string
	At    int // where its name or, in a list, its value begins
	Value Value
}

// Entries calls each for the members or items of a JSON text in UTF-8, in their
// order and duplicates too, until it returns false. The error has the first fault
// of the text, which may come after calls of each; maxDepth bounds lists and objects
// inside each other. top is absence after a fault, else the value as a raw one, and
// end the place of what follows it and white space. The values are made ones, which
// alias the text.
func Entries(text string, maxDepth int, each func(*Entry) bool) (top Value, end int, err *Error) {
	lx := lexer{budget: len(text) + 1, maxDepth: maxDepth}
	at := blank(text, 0)
	switch {
	case at < len(text) && (text[at] == '{' || text[at] == '['):
		end = lx.entries(text, at, each)
	default:
		end = lx.skip(text, at, 0)
	}
	switch {
	case lx.reason != "":
		return Value{}, lx.at, &Error{Offset: lx.at, Reason: lx.reason}
	case end < 0:
		return Value{}, len(text), nil // each wanted no more
	}
	return rawValue(text[at:end], 0), blank(text, end), nil
}

func (lx *lexer) entries(s string, i int, each func(*Entry) bool) int {
	open := s[i]
	trees := new(builder)
	i = blank(s, i+1)
	if i < len(s) && s[i] == open+2 { // ASCII has the closing brackets there
		return i + 1
	}
	for more := true; more; {
		e, at := Entry{At: i}, i
		if open == '{' {
			name, next, esc := lx.name(s, i)
			if esc && next >= 0 {
				name = string(jsontext.AppendUnescaped(nil, name))
			}
			e.Name, at = name, next
		}
		if at < 0 {
			return at
		}
		end := lx.skip(s, at, 1)
		if end < 0 {
			return end
		}
		e.Value = rawValue(s[at:end], 0).decoded(trees)
		if !each(&e) {
			return -1
		}
		i, more = lx.next(s, end, open+2)
	}
	return i
}
