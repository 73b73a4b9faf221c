package plan

import (
	"math"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/timestamp"
)

// millis gives the time that v states, in milliseconds since 1970 UTC: text as
// package timestamp reads it, and numbers by their digits.
func millis(v alert.Value) (int64, bool) {
	switch v.Kind {
	case alert.Int:
		return timestamp.OfInt(int64(v.Num))
	case alert.Float:
		return timestamp.OfFloat(math.Float64frombits(v.Num))
	case alert.Text:
		if ms, ok := timestamp.Parse(v.Text); ok {
			return ms, true
		}
		return timestamp.Digits(v.Text)
	}
	return 0, false
}

// number parses decimal digits.
func number(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
