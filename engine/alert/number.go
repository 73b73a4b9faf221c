package alert

import (
	"math"
	"strconv"
	"strings"
)

// numberEnd checks the JSON number at s[i], a minus or a digit, and returns its
// end, or ^position of the fault. whole is true if it has neither fraction nor
// exponent.
func numberEnd(s string, i int) (end int, whole bool) {
	if s[i] == '-' {
		i++
	}
	switch {
	case i >= len(s) || !digit(s[i]):
		return ^i, true
	case s[i] == '0':
		i++
	default:
		i = digitsEnd(s, i)
	}
	if i >= len(s) || s[i] > 'e' || (s[i] != '.' && s[i]|0x20 != 'e') {
		return i, true
	}
	return fractionEnd(s, i), false
}

// fractionEnd checks what follows the digits of an integer: a fraction, an
// exponent, both or nothing.
func fractionEnd(s string, i int) int {
	if i < len(s) && s[i] == '.' {
		i++
		if i >= len(s) || !digit(s[i]) {
			return ^i
		}
		i = digitsEnd(s, i)
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if i >= len(s) || !digit(s[i]) {
			return ^i
		}
		i = digitsEnd(s, i)
	}
	return i
}

func digit(c byte) bool { return c-'0' <= 9 }

func digitsEnd(s string, i int) int {
	for i < len(s) && digit(s[i]) {
		i++
	}
	return i
}

// isNumber reports whether a text is a JSON number.
func isNumber(s string) bool {
	if s == "" || s[0] != '-' && !digit(s[0]) {
		return false
	}
	end, _ := numberEnd(s, 0)
	return end == len(s)
}

// numberKind returns how a Value holds a JSON number. An integer beyond int64
// stays text, so that no digit is lost, as does a number that no float64 holds.
func numberKind(text string, whole bool) (Kind, uint64) {
	if whole {
		if n, ok := parseInt(text); ok {
			return Int, uint64(n)
		}
		return Text, 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Text, 0
	}
	return Float, math.Float64bits(f)
}

// parseInt reads an optional minus and digits. Short ones need no check for
// overflow.
func parseInt(s string) (int64, bool) {
	if len(s) > 18 {
		return parseLong(s)
	}
	var n int64
	i := 0
	if s[0] == '-' {
		i = 1
	}
	for ; i < len(s); i++ {
		n = n*10 + int64(s[i]-'0')
	}
	if s[0] == '-' {
		n = -n
	}
	return n, true
}

// parseLong is parseInt with that check. It makes no error, as package strconv does: a mapping
// may read a list of such numbers for each alert.
func parseLong(s string) (int64, bool) {
	digits, negative := strings.CutPrefix(s, "-")
	most := uint64(math.MaxInt64)
	if negative {
		most++
	}
	var n uint64
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if n > (most-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	if negative {
		return -int64(n), true
	}
	return int64(n), true
}

// ParseNumber reads text that is a number: digits with an optional minus,
// fraction and exponent, as in JSON but with leading zeros allowed. An integer
// beyond int64 becomes a Float. What no finite float64 holds is not a number.
func ParseNumber(text string) (Value, bool) {
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	if i >= len(text) || !digit(text[i]) {
		return Value{}, false
	}
	i = digitsEnd(text, i)
	if i == len(text) {
		if n, ok := parseInt(text); ok {
			return OfInt(n), true
		}
	} else if end := fractionEnd(text, i); end != len(text) {
		return Value{}, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return OfFloat(f), err == nil
}

// appendFloat writes f as JavaScript and Elasticsearch do: the shortest form
// that reads back, with an exponent only for the very small and very large.
func appendFloat(dst []byte, f float64) []byte {
	if a := math.Abs(f); a == 0 || a >= 1e-6 && a < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// e-09 becomes e-9.
	if n := len(dst); n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
