package function

import (
	"errors"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

var errSeparator = errors.New("a separator is the empty text; leave the argument out for the usual one")

// separator returns a separator among the arguments, or the usual one.
func separator(args []alert.Value, i int, usual string) (string, error) {
	if i >= len(args) {
		return usual, nil
	}
	s, err := text(args[i])
	if err == nil && s == "" {
		err = errSeparator
	}
	return s, err
}

// prepareSeparators checks constant separators.
func prepareSeparators(args []*alert.Value) (*Function, int, error) {
	for i, a := range args[1:] {
		if a != nil && a.Kind == alert.Text && a.Text == "" {
			return nil, i + 1, errSeparator
		}
	}
	return nil, 0, nil
}

// parseKV makes an object of the pairs in a text such as `a=1 b="2 3"`. Pairs are
// separated by white space, or by the second argument, and keys and values by =
// or the third. Words that are not pairs are left out.
func parseKV(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	pair, err := separator(args, 1, " ")
	if err != nil {
		return alert.Value{}, err
	}
	equals, err := separator(args, 2, "=")
	if err != nil {
		return alert.Value{}, err
	}
	base := len(m.Stack)
	for r := newPairReader(m, s, pair, equals); r.rest != ""; {
		key, value, err := r.next()
		if err != nil {
			return alert.Value{}, err
		}
		if key != "" {
			m.Stack = append(m.Stack, alert.OfText(value), alert.OfText(key))
		}
	}
	return m.gathered(base)
}

// gathered makes an object of the values and their names that are on the stack
// in turn, from base on. A name that appears several times gets a list of its
// values; without any name the result is nil.
func (m *Machine) gathered(base int) (alert.Value, error) {
	if len(m.Stack) == base {
		return alert.Value{}, nil
	}
	return m.group(m.Stack[base:], false)
}

// pairReader reads pairs of keys and values.
type pairReader struct {
	m     *Machine
	rest  string
	pair  string // between pairs; "" is white space
	key   string // between key and value
	blank string // white space that is left out around keys and values
}

const whiteSpace = " \t\n\r\v\f"

// newPairReader returns a reader of a text. A single blank stands for any white
// space. White space in another separator is not left out, as a tab in LEEF.
func newPairReader(m *Machine, s, pair, key string) pairReader {
	r := pairReader{m: m, rest: s, pair: pair, key: key, blank: whiteSpace}
	if pair == " " {
		r.pair = ""
		return r
	}
	r.blank = strings.Map(func(c rune) rune {
		if strings.ContainsRune(pair, c) {
			return -1
		}
		return c
	}, whiteSpace)
	return r
}

// next reads one pair. It returns no key for a word that is not a pair, and at the
// end.
func (r *pairReader) next() (key, value string, err error) {
	r.skip()
	if err := r.m.Step(1); err != nil || r.rest == "" {
		return "", "", err
	}
	key, after, err := r.quoted(r.rest)
	if err != nil {
		return "", "", err
	}
	if after, ok := strings.CutPrefix(after, r.key); ok && key != "" {
		value, err = r.value(after)
		return key, value, err
	}
	end := r.end(r.rest)
	at := strings.Index(r.rest[:min(end+len(r.key), len(r.rest))], r.key)
	if at < 0 || at > end {
		r.rest = r.rest[end:]
		return "", "", nil
	}
	key = strings.Trim(r.rest[:at], r.blank)
	value, err = r.value(r.rest[at+len(r.key):])
	return key, value, err
}

// value reads the value at the start of s, and leaves what follows it.
func (r *pairReader) value(s string) (string, error) {
	if r.pair != "" {
		s = strings.TrimLeft(s, r.blank)
	}
	value, after, err := r.quoted(s)
	if len(after) < len(s) && (after == "" || r.end(after) == 0) {
		r.rest = after
		return value, err
	}
	end := r.end(s)
	r.rest = s[end:]
	if r.pair != "" {
		return strings.Trim(s[:end], r.blank), err
	}
	return s[:end], err
}

// skip passes over separators and white space.
func (r *pairReader) skip() {
	for more := true; more; {
		r.rest = strings.TrimLeft(r.rest, r.blank)
		if more = r.pair != "" && strings.HasPrefix(r.rest, r.pair); more {
			r.rest = r.rest[len(r.pair):]
		}
	}
}

// end is where the next separator of pairs begins, or the text ends.
func (r *pairReader) end(s string) int {
	at := -1
	if r.pair != "" {
		at = strings.Index(s, r.pair)
	} else {
		at = strings.IndexAny(s, whiteSpace)
	}
	if at < 0 {
		return len(s)
	}
	return at
}

// quoted reads a text in quotes at the start of s, in which backslashes escape
// the quote and themselves, and returns what follows it. If s does not begin with
// a quote, or that is never closed, what follows is s.
func (r *pairReader) quoted(s string) (inside, after string, err error) {
	if s == "" || s[0] != '"' && s[0] != '\'' {
		return "", s, nil
	}
	escapes := 0
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == s[0] || s[i+1] == '\\'):
			escapes++
			i++
		case s[i] == s[0]:
			inside, after = s[1:i], s[i+1:]
			if escapes > 0 {
				inside = unquoted(inside, s[0])
			}
			if r.pair != "" {
				after = strings.TrimLeft(after, r.blank)
			}
			return inside, after, nil
		}
	}
	return "", s, r.m.scan(4 * len(s)) // it may be searched again for each word
}

// unquoted removes the backslashes that escape quotes and backslashes.
func unquoted(s string, quote byte) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == quote || s[i+1] == '\\') {
			i++
		}
		out = append(out, s[i])
	}
	return string(out)
}
