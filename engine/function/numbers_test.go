package function

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Law: what two integers give is exact if it is an integer that fits, and else what their
// floats give.
func TestIntegersAreExact(t *testing.T) {
	edges := []int64{0, 1, -1, 2, 3, -7, 10, 1 << 31, 1<<53 + 1, math.MaxInt64, math.MaxInt64 - 1, math.MinInt64, math.MinInt64 + 1}
	for name, op := range map[string]struct {
		exact  func(a, b *big.Int) *big.Int
		floats func(a, b float64) float64
	}{
		"+": {func(a, b *big.Int) *big.Int { return a.Add(a, b) }, func(a, b float64) float64 { return a + b }},
		"-": {func(a, b *big.Int) *big.Int { return a.Sub(a, b) }, func(a, b float64) float64 { return a - b }},
		"*": {func(a, b *big.Int) *big.Int { return a.Mul(a, b) }, func(a, b float64) float64 { return a * b }},
	} {
		for _, a := range edges {
			for _, b := range edges {
				want := alert.OfFloat(op.floats(float64(a), float64(b)))
				if n := op.exact(big.NewInt(a), big.NewInt(b)); n.IsInt64() && (name != "*" || n.Int64() != math.MinInt64) { // a product is a float from ±2⁶³ on
					want = alert.OfInt(n.Int64())
				}
				if got, err := Operator(name).Invoke(new(Machine), []alert.Value{alert.OfInt(a), alert.OfInt(b)}); err != nil || got != want {
					t.Errorf("%d %s %d = %+v (%v), want %+v", a, name, b, got, err, want)
				}
			}
		}
	}
}

// Law: what is no text, or longer than any address, is no address and no network.
func TestWhatIsNoAddress(t *testing.T) {
	for _, v := range []alert.Value{alert.OfInt(5), alert.OfFloat(10.1), alert.OfBool(true), alert.OfText(strings.Repeat("0", 60) + "::1"), alert.OfText("10.0.0.0/8" + strings.Repeat(" ", 60))} {
		for _, name := range []string{"isIP", "isIPv4", "isIPv6", "isPrivate"} {
			if got, err := Named(name).Invoke(new(Machine), []alert.Value{v}); err != nil || got != alert.OfBool(false) {
				t.Errorf("%s(%+v) = %+v, %v", name, v, got, err)
			}
		}
		if got, err := Named("inCIDR").Invoke(new(Machine), []alert.Value{alert.OfText("10.1.2.3"), v}); err == nil {
			t.Errorf("inCIDR of %+v = %+v", v, got)
		}
	}
}

// Lists and objects that are still JSON are read when they are compared, which takes steps.
func TestComparingJSONTakesSteps(t *testing.T) {
	text := "[1" + strings.Repeat(" ", 10_000) + "]"
	list := alert.Value{Kind: alert.List, Text: text}
	m := new(Machine)
	if got, err := Operator("==").Invoke(m, []alert.Value{list, list}); err != nil || got != alert.OfBool(true) || m.steps < 2*len(text)/stepBytes {
		t.Errorf("%+v, %v, %d steps", got, err, m.steps)
	}
}
