package function

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// operators are the binary operators that evaluate both sides. Tests handle nil
// themselves: they return false for it, not nil.
var operators = map[string]*Function{
	"==":         tester("==", equal),
	"!=":         tester("!=", isUnequal),
	"<":          tester("<", isLess),
	"<=":         tester("<=", isAtMost),
	">":          tester(">", isMore),
	">=":         tester(">=", isAtLeast),
	"in":         tester("in", isIn),
	"contains":   tester("contains", texts("contains", strings.Contains)),
	"startsWith": tester("startsWith", texts("startsWith", strings.HasPrefix)),
	"endsWith":   tester("endsWith", texts("endsWith", strings.HasSuffix)),
	"matches":    {Name: "matches", Yields: Bool, Lenient: true, Test: matches, Prepare: prepareMatches},
	"+":          {Name: "+", Yields: Number | Text, Call: add},
	"-":          {Name: "-", Yields: Number, Numbers: true, Call: arithmetic("-", subtractInts, subtractFloats)},
	"*":          {Name: "*", Yields: Number, Numbers: true, Call: arithmetic("*", multiplyInts, multiplyFloats)},
	"/":          {Name: "/", Yields: Number, Numbers: true, Call: arithmetic("/", divideInts, divideFloats)},
	"%":          {Name: "%", Yields: Number, Numbers: true, Call: arithmetic("%", modInts, modFloats)},
	"**":         {Name: "**", Yields: Number, Numbers: true, Call: arithmetic("**", powInts, powFloats)},
	"^":          {Name: "^", Yields: Number, Numbers: true, Call: arithmetic("^", powInts, powFloats)},
	"..":         {Name: "..", Yields: List, Call: span},
}

// tester makes the function of an operator that is true or false.
func tester(name string, test func(m *Machine, a, b *alert.Value) (bool, error)) *Function {
	return &Function{Name: name, Yields: Bool, Lenient: true, Test: test}
}

func isUnequal(m *Machine, a, b *alert.Value) (bool, error) {
	same, err := equal(m, a, b)
	return !same, err
}

// equal is the language's only equality: two texts are equal if they are the
// same, a text and a number if the text is that number, lists and objects if
// their contents are equal.
func equal(m *Machine, a, b *alert.Value) (bool, error) {
	switch {
	case a.Kind == alert.Int && b.Kind == alert.Int:
		return a.Num == b.Num, nil
	case a.Kind == alert.Text && b.Kind == alert.Text:
		return a.Text == b.Text, m.Reads(min(len(a.Text), len(b.Text)))
	case a.Kind == alert.Nil || b.Kind == alert.Nil, a.Kind == alert.Bool || b.Kind == alert.Bool:
		return a.Kind == b.Kind && a.Num == b.Num, nil
	case a.Kind < alert.List && b.Kind < alert.List:
		x, ok := numeric(*a)
		if !ok {
			return false, nil
		}
		y, ok := numeric(*b)
		return ok && compareNumbers(x, y) == 0, nil
	case a.Kind != b.Kind:
		return false, nil
	case a.Kind == alert.List:
		return equalLists(m, *a, *b)
	}
	return equalObjects(m, *a, *b)
}

func equalLists(m *Machine, a, b alert.Value) (bool, error) {
	if err := m.Reads(len(a.Text) + len(b.Text)); err != nil { // raw lists are parsed as they are read
		return false, err
	}
	x, y := a.ItemsIn(m.Arena), b.ItemsIn(m.Arena)
	for {
		more := x.Next()
		if more != y.Next() {
			return false, nil
		}
		if !more {
			return true, nil
		}
		if err := m.Step(1); err != nil {
			return false, err
		}
		v, w := x.Value(), y.Value()
		if same, err := equal(m, &v, &w); !same || err != nil {
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
	for i := range x { // in order, so that the same error comes first every time
		if x[i].Name != y[i].Name {
			return false, nil
		}
		if same, err := equal(m, &x[i].Value, &y[i].Value); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

func isLess(m *Machine, a, b *alert.Value) (bool, error) {
	c, comparable, err := order(m, a, b)
	return comparable && c < 0, err
}

func isAtMost(m *Machine, a, b *alert.Value) (bool, error) {
	c, comparable, err := order(m, a, b)
	return comparable && c <= 0, err
}

func isMore(m *Machine, a, b *alert.Value) (bool, error) {
	c, comparable, err := order(m, a, b)
	return comparable && c > 0, err
}

func isAtLeast(m *Machine, a, b *alert.Value) (bool, error) {
	c, comparable, err := order(m, a, b)
	return comparable && c >= 0, err
}

// order is compare with absence: nil does not compare with anything, and empty
// text, which counts as absent here, not with numbers.
func order(m *Machine, a, b *alert.Value) (c int, comparable bool, err error) {
	switch {
	case a.Kind == alert.Int && b.Kind == alert.Int:
		return cmp.Compare(int64(a.Num), int64(b.Num)), true, nil
	case a.Kind == alert.Nil || b.Kind == alert.Nil:
		return 0, false, nil
	case a.Kind == alert.Text && b.Kind != alert.Text && a.Text == "", b.Kind == alert.Text && a.Kind != alert.Text && b.Text == "":
		return 0, false, nil
	}
	if err = m.Reads(min(len(a.Text), len(b.Text))); err == nil {
		c, err = compare(a, b)
	}
	return c, err == nil, err
}

// compare orders numbers and texts. Two texts compare as numbers if both are
// numbers, else by their bytes.
func compare(a, b *alert.Value) (int, error) {
	x, xok := numeric(*a)
	y, yok := numeric(*b)
	switch {
	case xok && yok:
		return compareNumbers(x, y), nil
	case a.Kind == alert.Text && b.Kind == alert.Text:
		return strings.Compare(a.Text, b.Text), nil
	case a.Kind == alert.Text || b.Kind == alert.Text:
		if xok || yok {
			return 0, fmt.Errorf("text that is not a number cannot be compared with a number; test it first, or use == and !=")
		}
	}
	return 0, fmt.Errorf("%s and %s have no order between them; use == and !=", Word(a.Kind), Word(b.Kind))
}

// compareNumbers is exact, also for integers that no float64 can hold.
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

// isIn looks for an item in a list, or for a name in an object. It treats a
// scalar on the right as a list of one.
func isIn(m *Machine, needle, hay *alert.Value) (bool, error) {
	switch hay.Kind {
	case alert.Nil:
		return false, nil
	case alert.Object:
		return hasName(m, *needle, *hay)
	case alert.List:
		if err := m.Reads(len(hay.Text)); err != nil {
			return false, err
		}
		if list, ok := hay.Made(); ok {
			return m.holdsItem(list, needle)
		}
		for it := hay.ItemsIn(m.Arena); it.Next(); {
			if err := m.Step(1); err != nil {
				return false, err
			}
			v := it.Value()
			if same, err := equal(m, &v, needle); same || err != nil {
				return same, err
			}
		}
		return false, nil
	}
	return equal(m, needle, hay)
}

func hasName(m *Machine, needle, object alert.Value) (bool, error) {
	if needle.Kind == alert.Nil {
		return false, nil
	}
	name, err := text(needle)
	if err != nil {
		return false, fmt.Errorf("%s cannot be the name of a member", Word(needle.Kind))
	}
	if err := m.Reads(len(name) + len(object.Text)); err != nil {
		return false, err
	}
	_, ok := object.Member(name)
	return ok, nil
}

// texts makes an operator that looks into a text. It is false if either side is
// absent.
func texts(name string, holds func(s, part string) bool) func(m *Machine, a, b *alert.Value) (bool, error) {
	return func(m *Machine, a, b *alert.Value) (bool, error) {
		switch {
		case a.Kind == alert.Nil || b.Kind == alert.Nil:
			return false, nil
		case a.Kind == alert.Text && b.Kind == alert.Text:
			return holds(a.Text, b.Text), m.scan(len(a.Text))
		}
		s, err := text(*a)
		if err != nil {
			return false, fmt.Errorf("%s: %w; for lists there are `in` and any(list, …)", name, err)
		}
		part, err := text(*b)
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		return holds(s, part), m.scan(len(s))
	}
}

func twoTexts(args []alert.Value) (a, b string, err error) {
	if a, err = text(args[0]); err != nil {
		return "", "", err
	}
	b, err = text(args[1])
	return a, b, err
}
