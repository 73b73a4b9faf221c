package function

import (
	"math"
	"strconv"

	"github.com/sluice-lake/sluice/engine/alert"
)

// roundOff rounds to a whole number, or to that many digits after the point, which
// may be negative. Halves go away from zero.
func roundOff(_ *Machine, args []alert.Value) (alert.Value, error) {
	if len(args) == 1 {
		return rounding("round", args[0], math.Round)
	}
	n, ok := numeric(args[0])
	if !ok {
		return alert.Value{}, notNumber("round", args[0])
	}
	digits, err := whole(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	if n.Kind == alert.Int {
		return roundInt(int64(n.Num), digits)
	}
	return OfFloat(roundFloat(float(n), digits))
}

// roundInt rounds an integer to tens, hundreds and so on.
func roundInt(n, digits int64) (alert.Value, error) {
	switch {
	case digits >= 0:
		return alert.OfInt(n), nil
	case digits < -19:
		return alert.OfInt(0), nil
	}
	unit := uint64(1)
	for ; digits < 0; digits++ {
		unit *= 10
	}
	up := magnitude(n)
	rest := up % unit
	up -= rest
	if rest >= unit-rest {
		up += unit
	}
	switch {
	case up > math.MaxInt64 || up < rest && up != 0:
		f := float64(up)
		return OfFloat(math.Copysign(f, float64(n)))
	case n < 0:
		return alert.OfInt(-int64(up)), nil
	}
	return alert.OfInt(int64(up)), nil
}

// roundFloat rounds the decimal number that f is written as, so that 1.005 rounded
// to two digits is 1.01, though the nearest number that a computer has is below.
func roundFloat(f float64, digits int64) float64 {
	if digits > 400 || f == 0 {
		return f
	}
	if digits < -400 {
		return 0
	}
	var space [32]byte
	// Digits d.ddd and the exponent of ten: d.ddde±x.
	text := strconv.AppendFloat(space[:0], math.Abs(f), 'e', -1, 64)
	mantissa, exponent, point := uint64(0), 0, 0
	for i, c := range text {
		if c == 'e' {
			exponent, _ = strconv.Atoi(string(text[i+1:]))
			break
		}
		if c != '.' {
			mantissa, point = mantissa*10+uint64(c-'0'), point+1
		}
	}
	scale := exponent - (point - 1) // f is mantissa times 10 to the power of scale
	drop := -scale - int(digits)    // digits of the mantissa that go
	if drop <= 0 {
		return f
	}
	if drop > 18 {
		return 0
	}
	unit := uint64(math.Pow10(drop))
	rest := mantissa % unit
	mantissa -= rest
	if rest >= unit-rest {
		mantissa += unit
	}
	out, _ := strconv.ParseFloat(strconv.FormatUint(mantissa, 10)+"e"+strconv.Itoa(scale), 64)
	return math.Copysign(out, f)
}
