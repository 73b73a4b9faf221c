package function

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// unescape replaces the escapes of JSON in a text by what they stand for, and \' by
// a quote. Other backslashes stay.
func unescape(m *Machine, args []alert.Value) (alert.Value, error) {
	s, err := m.oneText(args[0])
	if err != nil || strings.IndexByte(s, '\\') < 0 {
		return alert.OfText(s), err
	}
	if err := m.makes(len(s)); err != nil { // an escape is longer than what it stands for
		return alert.Value{}, err
	}
	out := m.scratch[:0]
	for {
		at := strings.IndexByte(s, '\\')
		if at < 0 {
			break
		}
		out = append(out, s[:at]...)
		c, size := escape(s[at:])
		out = utf8.AppendRune(out, c)
		s = s[at+size:]
	}
	m.scratch = append(out, s...)
	return alert.OfText(m.Arena.Text(m.scratch)), nil
}

// escape returns the character that the escape at the start of s stands for, and
// the length of the escape: a backslash of its own if there is none.
func escape(s string) (c rune, size int) {
	if len(s) < 2 {
		return '\\', 1
	}
	if i := strings.IndexByte(`"'\/nrtbf`, s[1]); i >= 0 {
		return rune("\"'\\/\n\r\t\b\f"[i]), 2
	}
	c, ok := hexEscape(s)
	switch {
	case !ok:
		return '\\', 1
	case !utf16.IsSurrogate(c):
		return c, 6
	}
	if low, ok := hexEscape(s[6:]); ok {
		if c := utf16.DecodeRune(c, low); c != utf8.RuneError {
			return c, 12
		}
	}
	return utf8.RuneError, 6
}

// hexEscape reads \u and four hexadecimal digits at the start of s.
func hexEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	return rune(n), err == nil
}
