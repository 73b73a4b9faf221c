package alert

import (
	"strconv"
	"strings"
)

// Step is one step of a Path: a member's name, or a position in a list.
type Step struct {
	Name    string
	Index   int
	IsIndex bool // Index applies, not Name
}

// Path leads from the top of an alert to a value in it. The empty path is the
// whole alert.
type Path []Step

// String returns the form for people and for the keys of `unmapped`: names joined
// by dots, list positions as .0, and names that are empty or contain a dot,
// bracket, quote, space or control character in brackets and quotes:
// data["win.system"].items.0
func (p Path) String() string {
	var b strings.Builder
	for _, s := range p {
		b.Write(s.appendTo(nil, b.Len() == 0))
	}
	return b.String()
}

func (s Step) appendTo(dst []byte, first bool) []byte {
	if !s.IsIndex && !plain(s.Name) {
		dst = append(dst, '[')
		dst = strconv.AppendQuote(dst, s.Name)
		return append(dst, ']')
	}
	if !first {
		dst = append(dst, '.')
	}
	if s.IsIndex {
		return strconv.AppendInt(dst, int64(s.Index), 10)
	}
	return append(dst, s.Name...)
}

// plain reports whether a name can be written without brackets and quotes.
func plain(name string) bool {
	if name == "" {
		return false
	}
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c <= ' ', c == '.', c == '[', c == ']', c == '"', c == '\\', c == 0x7f:
			return false
		}
	}
	return true
}
