package alert

import (
	"strconv"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// lexer checks JSON and keeps the first fault. Its methods return the position
// after what they read, or -1 after a fault.
type lexer struct {
	budget   int // values that may still come
	values   int // the limit that budget started from
	maxDepth int
	at       int
	reason   string
	limit    bool // the fault is a limit
}

func (lx *lexer) fail(at int, reason string) int {
	if lx.reason == "" {
		lx.at, lx.reason = at, reason
	}
	return -1
}

// blank passes over the white space of JSON.
func blank(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n') {
		i++
	}
	return i
}

// spend counts one value, list or object against the budget.
func (lx *lexer) spend(i int) bool {
	lx.budget--
	return lx.budget >= 0 || lx.tooMany(i)
}

func (lx *lexer) tooMany(i int) bool {
	lx.limit = lx.limit || lx.reason == ""
	lx.fail(i, "the alert has more than "+strconv.Itoa(lx.values)+" values")
	return false
}

func (lx *lexer) tooDeep(i int) int {
	lx.limit = lx.limit || lx.reason == ""
	return lx.fail(i, "lists and objects are nested more than "+strconv.Itoa(lx.maxDepth)+" deep")
}

// skip checks the value at s[i] and returns its end. depth counts the lists
// and objects around it.
func (lx *lexer) skip(s string, i, depth int) int {
	if i >= len(s) || !lx.spend(i) {
		return lx.fail(i, expected("a value", s, i))
	}
	switch s[i] {
	case '"':
		end, _ := lx.str(s, i)
		return end
	case '{':
		return lx.skipObject(s, i, depth+1)
	case '[':
		return lx.skipList(s, i, depth+1)
	}
	end, _ := lx.plain(s, i)
	return end
}

func (lx *lexer) skipList(s string, i, depth int) int {
	if depth > lx.maxDepth {
		return lx.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == ']' {
		return i + 1
	}
	for more := true; more; {
		i = lx.skip(s, i, depth)
		if comma(s, i) {
			i++
			continue
		}
		i, more = lx.next(s, i, ']')
	}
	return i
}

func (lx *lexer) skipObject(s string, i, depth int) int {
	if depth > lx.maxDepth {
		return lx.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == '}' {
		return i + 1
	}
	for more := true; more; {
		_, i, _ = lx.name(s, i)
		if i < 0 {
			return i
		}
		i = lx.skip(s, i, depth)
		if comma(s, i) {
			i++
			continue
		}
		i, more = lx.next(s, i, '}')
	}
	return i
}

// comma reports whether a value that ends at i is followed by a comma and,
// without white space, by the next one. Nearly all alerts are written so, and
// need no call of next.
func comma(s string, i int) bool { return i >= 0 && i+1 < len(s) && s[i] == ',' && s[i+1] > ' ' }

// next continues after a value that ends at i: behind a comma at the value that
// follows, or past the closing bracket.
func (lx *lexer) next(s string, i int, closing byte) (at int, more bool) {
	if i < 0 {
		return i, false
	}
	i = blank(s, i)
	switch {
	case i < len(s) && s[i] == ',':
		return blank(s, i+1), true
	case i < len(s) && s[i] == closing:
		return i + 1, false
	}
	what := "a comma or ] in a list"
	if closing == '}' {
		what = "a comma or } in an object"
	}
	return lx.fail(i, expected(what, s, i)), false
}

// name reads a member's name at s[i] with the colon and white space after it.
// raw is the text between the quotes.
func (lx *lexer) name(s string, i int) (raw string, end int, esc bool) {
	if i >= len(s) || s[i] != '"' {
		return "", lx.fail(i, expected("a member's name in quotes", s, i)), false
	}
	end, esc = lx.str(s, i)
	if end < 0 {
		return "", end, false
	}
	raw = s[i+1 : end-1]
	if end < len(s) && s[end] <= ' ' {
		end = blank(s, end)
	}
	if end >= len(s) || s[end] != ':' {
		return "", lx.fail(end, expected("a colon after a member's name", s, end)), false
	}
	return raw, blank(s, end+1), esc
}

// str reads the string that opens at s[i] and returns the position after its
// closing quote.
func (lx *lexer) str(s string, i int) (end int, esc bool) {
	end, esc = jsontext.StringEnd(s, i+1)
	if end < 0 {
		return lx.fail(^end, stringFault(s, ^end)), esc
	}
	return end + 1, esc
}

// plain reads a number, true, false or null at s[i]. whole is that of
// numberEnd.
func (lx *lexer) plain(s string, i int) (end int, whole bool) {
	c := s[i]
	if c == '-' || digit(c) {
		end, whole = numberEnd(s, i)
		if end < 0 {
			return lx.fail(^end, expected("a digit of a number", s, ^end)), whole
		}
		return end, whole
	}
	word := ""
	switch c {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
		word = "null"
	default:
		return lx.fail(i, expected("a value", s, i)), false
	}
	if len(s)-i < len(word) || s[i:i+len(word)] != word {
		return lx.fail(i, "expected a value; the only words in JSON are true, false and null"), false
	}
	return i + len(word), false
}
