package expression

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// operators are the binary ones that evaluate both sides. Comparisons take nil
// themselves: they give false, and not nil, for it.
var operators = map[string]*function{
	"==":         {name: "==", yields: Bool, lenient: true, call: isEqual},
	"!=":         {name: "!=", yields: Bool, lenient: true, call: isUnequal},
	"<":          {name: "<", yields: Bool, lenient: true, call: ordered(func(c int) bool { return c < 0 })},
	"<=":         {name: "<=", yields: Bool, lenient: true, call: ordered(func(c int) bool { return c <= 0 })},
	">":          {name: ">", yields: Bool, lenient: true, call: ordered(func(c int) bool { return c > 0 })},
	">=":         {name: ">=", yields: Bool, lenient: true, call: ordered(func(c int) bool { return c >= 0 })},
	"in":         {name: "in", yields: Bool, lenient: true, call: isIn},
	"contains":   {name: "contains", yields: Bool, lenient: true, call: texts("contains", strings.Contains)},
	"startsWith": {name: "startsWith", yields: Bool, lenient: true, call: texts("startsWith", strings.HasPrefix)},
	"endsWith":   {name: "endsWith", yields: Bool, lenient: true, call: texts("endsWith", strings.HasSuffix)},
	"matches":    {name: "matches", yields: Bool, lenient: true, call: matches, prepare: prepareMatches},
	"+":          {name: "+", yields: number | Text, call: add},
	"-":          {name: "-", yields: number, call: arithmetic("-", subtractInts, subtractFloats)},
	"*":          {name: "*", yields: number, call: arithmetic("*", multiplyInts, multiplyFloats)},
	"/":          {name: "/", yields: number, call: arithmetic("/", divideInts, divideFloats)},
	"%":          {name: "%", yields: number, call: arithmetic("%", modInts, modFloats)},
	"**":         {name: "**", yields: number, call: arithmetic("**", powInts, powFloats)},
	"^":          {name: "^", yields: number, call: arithmetic("^", powInts, powFloats)},
	"..":         {name: "..", yields: List, call: span},
}

func isEqual(m *Machine, args []alert.Value) (alert.Value, error) {
	same, err := equal(m, args[0], args[1])
	return ofBool(same), err
}

func isUnequal(m *Machine, args []alert.Value) (alert.Value, error) {
	same, err := equal(m, args[0], args[1])
	return ofBool(!same), err
}

// equal is the one equality of the language: two texts are equal if they are
// the same, a text and a number if the text is that number, lists and objects
// if what they hold is equal.
func equal(m *Machine, a, b alert.Value) (bool, error) {
	switch {
	case a.Kind == alert.Text && b.Kind == alert.Text:
		return a.Text == b.Text, nil
	case a.Kind == alert.Nil || b.Kind == alert.Nil, a.Kind == alert.Bool || b.Kind == alert.Bool:
		return a.Kind == b.Kind && a.Num == b.Num, nil
	case a.Kind < alert.List && b.Kind < alert.List:
		x, ok := a.Number()
		if !ok {
			return false, nil
		}
		y, ok := b.Number()
		return ok && compareNumbers(x, y) == 0, nil
	case a.Kind != b.Kind:
		return false, nil
	case a.Kind == alert.List:
		return equalLists(m, a, b)
	}
	return equalObjects(m, a, b)
}

func equalLists(m *Machine, a, b alert.Value) (bool, error) {
	x, y := a.Items(), b.Items()
	for {
		more := x.Next()
		if more != y.Next() {
			return false, nil
		}
		if !more {
			return true, nil
		}
		if err := m.step(1); err != nil {
			return false, err
		}
		if same, err := equal(m, x.Value(), y.Value()); !same || err != nil {
			return false, err
		}
	}
}

func equalObjects(m *Machine, a, b alert.Value) (bool, error) {
	x, err := m.members(a)
	if err != nil {
		return false, err
	}
	y, err := m.members(b)
	if err != nil || len(x) != len(y) {
		return false, err
	}
	for _, name := range sortedNames(x) { // in order, so that an error is the same each time
		other, ok := y[name]
		if !ok {
			return false, nil
		}
		if same, err := equal(m, toValue(x[name]), toValue(other)); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func ordered(holds func(c int) bool) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(_ *Machine, args []alert.Value) (alert.Value, error) {
		if args[0].Kind == alert.Nil || args[1].Kind == alert.Nil {
			return ofBool(false), nil
		}
		c, err := compare(args[0], args[1])
		return ofBool(err == nil && holds(c)), err
	}
}

// compare orders numbers, and texts: as numbers if both are numbers, else by
// their bytes.
func compare(a, b alert.Value) (int, error) {
	x, xok := a.Number()
	y, yok := b.Number()
	switch {
	case xok && yok:
		return compareNumbers(x, y), nil
	case a.Kind == alert.Text && b.Kind == alert.Text:
		return strings.Compare(a.Text, b.Text), nil
	case a.Kind == alert.Text || b.Kind == alert.Text:
		if xok || yok {
			return 0, fmt.Errorf("text that is no number cannot be compared with a number; test it first, or use == and !=")
		}
	}
	return 0, fmt.Errorf("%s and %s have no order between them; use == and !=", word(a.Kind), word(b.Kind))
}

// compareNumbers is exact, also where an integer has no float of its own.
func compareNumbers(a, b alert.Value) int {
	switch {
	case a.Kind == alert.Int && b.Kind == alert.Int:
		return cmp.Compare(int64(a.Num), int64(b.Num))
	case a.Kind == alert.Float && b.Kind == alert.Float:
		return cmp.Compare(float(a), float(b))
	case a.Kind == alert.Float:
		return -compareMixed(int64(b.Num), float(a))
	}
	return compareMixed(int64(a.Num), float(b))
}

func compareMixed(i int64, f float64) int {
	switch {
	case f >= 1<<63:
		return -1
	case f < -1<<63:
		return 1
	}
	floor := math.Floor(f)
	if c := cmp.Compare(i, int64(floor)); c != 0 {
		return c
	}
	return cmp.Compare(floor, f)
}

// isIn looks for an item of a list, or a name of an object. A scalar on the
// right is a list of itself.
func isIn(m *Machine, args []alert.Value) (alert.Value, error) {
	needle, hay := args[0], args[1]
	switch hay.Kind {
	case alert.Nil:
		return ofBool(false), nil
	case alert.Object:
		return hasName(m, needle, hay)
	case alert.List:
		for it := hay.Items(); it.Next(); {
			if err := m.step(1); err != nil {
				return alert.Value{}, err
			}
			if same, err := equal(m, it.Value(), needle); same || err != nil {
				return ofBool(same), err
			}
		}
		return ofBool(false), nil
	}
	same, err := equal(m, needle, hay)
	return ofBool(same), err
}

func hasName(m *Machine, needle, object alert.Value) (alert.Value, error) {
	if needle.Kind == alert.Nil {
		return ofBool(false), nil
	}
	name, err := text(needle)
	if err != nil {
		return alert.Value{}, fmt.Errorf("%s cannot be the name of a member", word(needle.Kind))
	}
	members, ok := object.Any.(map[string]any)
	if !ok {
		if members, err = m.members(object); err != nil {
			return alert.Value{}, err
		}
	}
	_, ok = members[name]
	return ofBool(ok), nil
}

// texts makes an operator that looks into a text; absence on either side is
// false.
func texts(name string, holds func(s, part string) bool) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(m *Machine, args []alert.Value) (alert.Value, error) {
		if args[0].Kind == alert.Nil || args[1].Kind == alert.Nil {
			return ofBool(false), nil
		}
		s, part, err := twoTexts(args)
		if err != nil {
			return alert.Value{}, fmt.Errorf("%s: %w; for lists there are `in` and any(list, …)", name, err)
		}
		return ofBool(holds(s, part)), m.scan(len(s))
	}
}

func twoTexts(args []alert.Value) (a, b string, err error) {
	if a, err = text(args[0]); err != nil {
		return "", "", err
	}
	b, err = text(args[1])
	return a, b, err
}
