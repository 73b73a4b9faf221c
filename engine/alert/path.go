package alert

import (
	"strconv"
	"strings"
)

// Step is one step of a Path: a member's name, or a position in a list.
type Step struct {
	Name   string
	Index  int
	IsIndex bool // Index counts, not Name
}

// Path leads from the top of an alert to a value in it. The empty path is the
// whole alert.
type Path []Step

// String gives the form that people read and that keys of `unmapped` have:
// names joined by dots, list positions as .0, and names that are empty or hold
// a dot, bracket, quote, space or control character in brackets and quotes:
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

// plain tells whether a name can stand between dots and be read back.
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
