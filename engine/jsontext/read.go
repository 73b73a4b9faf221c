package jsontext

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Unquote reads the JSON string at the start of s and returns its text and what
// follows its closing quote. Text without escapes is a part of s, not a copy.
//
// It fails for anything but a string by RFC 8259 in valid UTF-8, and for an
// escaped surrogate without its other half: that is not a character, so
// the text could not be written back as it was.
func Unquote(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	end, escaped := StringEnd(s, 1)
	if end < 0 {
		return "", s, false
	}
	raw, rest := s[1:end], s[end+1:]
	if !escaped {
		return raw, rest, true
	}
	out, whole := unescape(make([]byte, 0, len(raw)), raw)
	if !whole {
		return "", s, false
	}
	return string(out), rest, true
}

// AppendUnescaped appends the text of raw, which is what lies between the
// quotes of a string that StringEnd accepted. An escaped surrogate without its
// other half becomes U+FFFD.
func AppendUnescaped(dst []byte, raw string) []byte {
	dst, _ = unescape(dst, raw)
	return dst
}

const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// load8 reads eight bytes as a little-endian word; the compiler turns it into
// one load.
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

// StringEnd checks the string whose first byte after the opening quote is s[i].
// It returns the position of its closing quote, or the complement of the
// position of the first byte at fault: ^len(s) when s ends inside the string.
// escaped reports whether there are escapes in it.
func StringEnd(s string, i int) (end int, escaped bool) {
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

// unusualEnd continues where StringEnd met a byte that is neither plain nor a quote, or
// came near the end of s.
func unusualEnd(s string, i int) (end int, escaped bool) {
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
			return ^len(s), escaped
		}
		switch c := s[i]; {
		case c == '"':
			return i, escaped
		case c == '\\':
			n := escapeLen(s, i)
			if n == 0 {
				return ^i, escaped
			}
			i, escaped = i+n, true
		case c < 0x20:
			return ^i, escaped
		default:
			end, ok := runesEnd(s, i)
			if !ok {
				return ^end, escaped
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

// escapeLen is the length of the escape at s[i], a backslash, or 0 if JSON
// knows no such escape.
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

// hex4 reads four hexadecimal digits, or returns -1.
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

// unescape appends the text of raw. whole is false when a surrogate had no
// other half.
func unescape(dst []byte, raw string) (out []byte, whole bool) {
	for whole = true; ; {
		i := strings.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			return append(dst, raw...), whole
		}
		dst = append(dst, raw[:i]...)
		if raw[i+1] == 'u' {
			var r rune
			r, i = unescapeRune(raw, i)
			whole = whole && r >= 0
			dst = utf8.AppendRune(dst, r) // U+FFFD for -1
		} else {
			dst = append(dst, unescapeByte(raw[i+1]))
			i += 2
		}
		raw = raw[i:]
	}
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

// unescapeRune reads one \u escape, or a surrogate pair of them, at s[i]. It
// returns -1 for half a pair.
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
	return -1, end
}
