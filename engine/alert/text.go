package alert

import (
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// load8 reads eight bytes as a little-endian word; the compiler makes one load
// of it.
func load8(s string, i int) uint64 {
	b := s[i : i+8]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// special marks, by its high bit, the first byte of w that is a quote, a
// backslash, a control character or not ASCII. Bytes above the first marked one
// may be marked wrongly (a borrow), so only the lowest mark counts. Of the bytes
// beyond ASCII the first term marks those from 0xa0 on, the others the rest.
func special(w uint64) uint64 {
	return ((w - 0x20*ones) | ((w ^ '"'*ones) - ones) | ((w ^ '\\'*ones) - ones)) & highs
}

// stringEnd checks the string whose first byte after the opening quote is s[i]
// and returns the position of its closing quote, or ^position of the fault.
// esc tells whether there are escapes in it.
func stringEnd(s string, i int) (end int, esc bool) {
	for i >= 0 && i <= len(s)-8 {
		m := special(load8(s, i))
		if m == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(m) >> 3
		if s[i] == '"' {
			return i, false
		}
		break
	}
	return unusualEnd(s, i)
}

// unusualEnd goes on where stringEnd met what is neither plain nor a quote, or
// came near the end of the line.
func unusualEnd(s string, i int) (end int, esc bool) {
	for {
		for i >= 0 && i <= len(s)-8 {
			m := special(load8(s, i))
			if m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		for i < len(s) && plainByte(s[i]) {
			i++
		}
		if i >= len(s) {
			return ^len(s), esc
		}
		switch c := s[i]; {
		case c == '"':
			return i, esc
		case c == '\\':
			n := escapeLen(s, i)
			if n == 0 {
				return ^i, esc
			}
			i, esc = i+n, true
		case c < 0x20:
			return ^i, esc
		default:
			end, ok := runesEnd(s, i)
			if !ok {
				return ^end, esc
			}
			i = end
		}
	}
}

func plainByte(c byte) bool {
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'
}

// runesEnd passes over runes beyond ASCII; they come in runs.
func runesEnd(s string, i int) (end int, ok bool) {
	for i < len(s) && s[i] >= utf8.RuneSelf {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i, false
		}
		i += n
	}
	return i, true
}

// escapeLen is the length of the escape at s[i], a backslash, or 0 if it is
// none that JSON knows.
func escapeLen(s string, i int) int {
	if i+1 >= len(s) {
		return 0
	}
	switch s[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(s, i+2) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 reads four hexadecimal digits, or gives -1.
func hex4(s string, i int) rune {
	if i+4 > len(s) {
		return -1
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// stringFault words the fault that stringEnd found at i.
func stringFault(s string, i int) string {
	switch {
	case i >= len(s):
		return "the line ends inside a string: it was cut"
	case s[i] == '\\':
		return "an escape that JSON does not know: write a backslash in a string as \\\\"
	case s[i] < 0x20:
		return found(s, i) + " inside a string: JSON wants it escaped"
	default:
		return found(s, i) + " is not valid UTF-8: the line must be UTF-8"
	}
}

// unescape appends the text of a string that stringEnd accepted. A surrogate
// without its other half becomes U+FFFD.
func unescape(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		if s[i+1] == 'u' {
			var r rune
			r, i = unescapeRune(s, i)
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, unescapeByte(s[i+1]))
			i += 2
		}
		from = i
	}
	return append(dst, s[from:]...)
}

func unescapeByte(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// unescapeRune reads one \u escape, or a surrogate pair of them, at s[i].
func unescapeRune(s string, i int) (r rune, end int) {
	r = hex4(s, i+2)
	end = min(i+6, len(s))
	if !utf16.IsSurrogate(r) {
		return r, end
	}
	if end+1 < len(s) && s[end] == '\\' && s[end+1] == 'u' {
		if pair := utf16.DecodeRune(r, hex4(s, end+2)); pair != utf8.RuneError {
			return pair, end + 6
		}
	}
	return utf8.RuneError, end
}
