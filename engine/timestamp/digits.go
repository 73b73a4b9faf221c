package timestamp

import (
	"strconv"
	"strings"
)

// Digits gives the time that a decimal number states, in milliseconds. The
// digits before the point say what the number counts since 1970: 10 are
// seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds; any other number
// of digits, a sign, an exponent or a leading zero is not a time.
func Digits(s string) (ms int64, ok bool) {
	whole, fraction, point := strings.Cut(s, ".")
	if point && (fraction == "" || strings.Trim(fraction, "0123456789") != "") {
		return 0, false
	}
	if whole == "" || whole[0] < '1' || whole[0] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	switch len(whole) {
	case 10:
		return inRange(int64(n)*1000 + millisOf(fraction))
	case 13:
		return inRange(int64(n))
	case 16:
		return inRange(int64(n / 1000))
	case 19:
		return inRange(int64(n / 1_000_000))
	}
	return 0, false
}

// OfInt is Digits of a whole number.
func OfInt(n int64) (ms int64, ok bool) {
	var buf [20]byte
	return Digits(string(strconv.AppendInt(buf[:0], n, 10)))
}

// OfFloat is Digits of a number in its shortest decimal form.
func OfFloat(f float64) (ms int64, ok bool) {
	if !(f >= 1e9 && f < 1e19) {
		return 0, false
	}
	var buf [32]byte
	return Digits(string(strconv.AppendFloat(buf[:0], f, 'f', -1, 64)))
}
