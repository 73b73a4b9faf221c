package syntax

import (
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Same reports whether two scalars are the same value: numbers by their value (2,
// 2.0, 0x2), everything else by kind and text. Text never equals a number, except
// that a time in RFC 3339 equals its milliseconds since 1970, which nobody can
// read.
func (s Scalar) Same(other Scalar) bool {
	if s.Kind == String && other.Kind == Int {
		s = s.millis()
	} else if s.Kind == Int && other.Kind == String {
		other = other.millis()
	}
	a, aIsNumber := s.number()
	b, bIsNumber := other.number()
	switch {
	case aIsNumber && bIsNumber:
		return a.Cmp(b) == 0
	case s.Kind != other.Kind:
		return false
	case s.Kind == Bool:
		return strings.EqualFold(s.Text, other.Text)
	}
	return s.Kind == Null || s.Text == other.Text
}

// millis returns the milliseconds of a text that is a time, else the text.
func (s Scalar) millis() Scalar {
	t, err := time.Parse(time.RFC3339Nano, s.Text)
	if err != nil {
		return s
	}
	return Scalar{Int, strconv.FormatInt(t.UnixMilli(), 10)}
}

// number returns the exact value of an Int or a Float. Very large numbers are
// compared as text.
func (s Scalar) number() (*big.Rat, bool) {
	if s.Kind != Int && s.Kind != Float || len(s.Text) > 400 {
		return nil, false
	}
	text := strings.ReplaceAll(s.Text, "_", "")
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 5 {
		return nil, false // an exponent of hundreds of digits
	}
	return new(big.Rat).SetString(text)
}
