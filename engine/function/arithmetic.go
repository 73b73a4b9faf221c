package function

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/sluice-lake/sluice/engine/alert"
)

var errZero = errors.New("division by zero")

func float(v alert.Value) float64 {
	if v.Kind == alert.Int {
		return float64(int64(v.Num))
	}
	return math.Float64frombits(v.Num)
}

// exactInt converts f to an integer if that loses nothing.
func exactInt(f float64) (int64, bool) {
	if f != math.Trunc(f) || f >= 1<<63 || f < -1<<63 {
		return 0, false
	}
	return int64(f), true
}

// add adds numbers and joins texts. A number beside a text is text. Two texts
// join even if both are numbers: what was written as text stays text.
func add(m *Machine, args []alert.Value) (alert.Value, error) {
	a, b := args[0], args[1]
	if a.Kind != alert.Text && b.Kind != alert.Text {
		return addNumbers(m, args)
	}
	if !joins(a.Kind) || !joins(b.Kind) {
		return alert.Value{}, fmt.Errorf("+ cannot add %s and %s; convert both to text with string(…)", Word(a.Kind), Word(b.Kind))
	}
	if a.Kind == alert.Text && b.Kind == alert.Text {
		if err := m.makes(len(a.Text) + len(b.Text)); err != nil {
			return alert.Value{}, err
		}
		m.scratch = append(append(m.scratch[:0], a.Text...), b.Text...)
		return alert.OfText(m.Arena.Text(m.scratch)), m.scan(len(m.scratch))
	}
	if err := m.makes(len(a.Text) + len(b.Text) + 32); err != nil {
		return alert.Value{}, err
	}
	m.scratch = b.AppendText(a.AppendText(m.scratch[:0]))
	return alert.OfText(m.Arena.Text(m.scratch)), m.scan(len(m.scratch))
}

func joins(k alert.Kind) bool { return k == alert.Text || k == alert.Int || k == alert.Float }

var addNumbers = arithmetic("+", addInts, func(a, b float64) (float64, error) { return a + b, nil })

// arithmetic makes an operator on numbers. The result of two integers is an
// integer if ints says that it is exact and fits, else that of floats.
func arithmetic(name string, ints func(a, b int64) (int64, bool, error), floats func(a, b float64) (float64, error)) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(_ *Machine, args []alert.Value) (alert.Value, error) {
		a, aok := numeric(args[0])
		b, bok := numeric(args[1])
		switch {
		case !aok:
			return alert.Value{}, notNumber(name, args[0])
		case !bok:
			return alert.Value{}, notNumber(name, args[1])
		}
		if a.Kind == alert.Int && b.Kind == alert.Int {
			n, exact, err := ints(int64(a.Num), int64(b.Num))
			if exact || err != nil {
				return alert.OfInt(n), err
			}
		}
		f, err := floats(float(a), float(b))
		if err != nil {
			return alert.Value{}, err
		}
		return OfFloat(f)
	}
}

func notNumber(name string, v alert.Value) error {
	if v.Kind == alert.Text {
		return fmt.Errorf("%s needs numbers, found text that is not a number", name)
	}
	return fmt.Errorf("%s needs numbers, found %s", name, Word(v.Kind))
}

func addInts(a, b int64) (int64, bool, error) {
	n := a + b
	return n, (n > a) == (b > 0), nil
}

func subtractInts(a, b int64) (int64, bool, error) {
	n := a - b
	return n, (n < a) == (b > 0), nil
}

func subtractFloats(a, b float64) (float64, error) { return a - b, nil }

func multiplyInts(a, b int64) (int64, bool, error) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if high != 0 || low > math.MaxInt64 {
		return 0, false, nil
	}
	return a * b, true, nil
}

func magnitude(i int64) uint64 {
	if i < 0 {
		return -uint64(i)
	}
	return uint64(i)
}

func multiplyFloats(a, b float64) (float64, error) { return a * b, nil }

func divideInts(a, b int64) (int64, bool, error) {
	switch {
	case b == 0:
		return 0, false, errZero
	case b == -1:
		return -a, a != math.MinInt64, nil
	case a%b != 0:
		return 0, false, nil
	}
	return a / b, true, nil
}

func divideFloats(a, b float64) (float64, error) {
	if b == 0 {
		return 0, errZero
	}
	return a / b, nil
}

func modInts(a, b int64) (int64, bool, error) {
	switch b {
	case 0:
		return 0, false, errZero
	case -1:
		return 0, true, nil
	}
	return a % b, true, nil
}

func modFloats(a, b float64) (float64, error) {
	if b == 0 {
		return 0, errZero
	}
	return math.Mod(a, b), nil
}

func powInts(a, b int64) (int64, bool, error) {
	if b < 0 {
		return 0, false, nil
	}
	n := int64(1)
	for ; b > 0; b >>= 1 {
		var fits bool
		if b&1 == 1 {
			if n, fits, _ = multiplyInts(n, a); !fits {
				return 0, false, nil
			}
		}
		if b > 1 {
			if a, fits, _ = multiplyInts(a, a); !fits {
				return 0, false, nil
			}
		}
	}
	return n, true, nil
}

func powFloats(a, b float64) (float64, error) { return math.Pow(a, b), nil }

// The operators with one operand.
var (
	Negate   = Function{Name: "-", Yields: Number, Numbers: true, Call: minus}
	Positive = Function{Name: "+", Yields: Number, Numbers: true, Call: plus}
)

// Plus is + for what can only be numbers, which nothing can make join texts.
var Plus = Function{Name: "+", Yields: Number, Call: addNumbers}

func minus(_ *Machine, args []alert.Value) (alert.Value, error) {
	n, ok := numeric(args[0])
	switch {
	case !ok:
		return alert.Value{}, notNumber("-", args[0])
	case n.Kind == alert.Int && int64(n.Num) != math.MinInt64:
		return alert.OfInt(-int64(n.Num)), nil
	}
	return OfFloat(-float(n))
}

func plus(_ *Machine, args []alert.Value) (alert.Value, error) {
	n, ok := numeric(args[0])
	if !ok {
		return alert.Value{}, notNumber("+", args[0])
	}
	return computed(n), nil
}

// computed drops the spelling of a number.
func computed(n alert.Value) alert.Value { return alert.Value{Kind: n.Kind, Num: n.Num} }

// span makes the list from..to, both included.
func span(m *Machine, args []alert.Value) (alert.Value, error) {
	from, err := whole(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	to, err := whole(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	if to < from {
		return alert.OfList(nil), nil
	}
	if uint64(to)-uint64(from) >= maxItems {
		return alert.Value{}, errItems
	}
	n := int(to-from) + 1
	if err := m.lists(n); err != nil {
		return alert.Value{}, err
	}
	list := m.Arena.Values(n)
	for i := range list {
		list[i] = alert.OfInt(from + int64(i))
	}
	return m.Arena.List(list), nil
}
