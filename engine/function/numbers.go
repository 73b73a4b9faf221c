package function

import (
	"errors"
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// convertible returns a value as a number like numeric, and reads hexadecimal
// integers too (0x1f), which only int and float take for numbers.
func convertible(v alert.Value) (alert.Value, bool) {
	digits, negative := strings.CutPrefix(v.Text, "-")
	if v.Kind != alert.Text || len(digits) < 3 || digits[0] != '0' || digits[1]|0x20 != 'x' || len(digits) > maxDigits {
		return numeric(v)
	}
	sign := ""
	if negative {
		sign = "-"
	}
	i, err := strconv.ParseInt(sign+digits[2:], 16, 64)
	switch {
	case digits[2] == '-' || digits[2] == '+' || errors.Is(err, strconv.ErrSyntax):
		return alert.Value{}, false
	case err != nil: // beyond 64 bits
		f, _ := strconv.ParseFloat(sign+digits+"p0", 64)
		return alert.OfFloat(f), !math.IsInf(f, 0)
	}
	return alert.OfInt(i), true
}

// toInt truncates towards zero.
func toInt(_ *Machine, args []alert.Value) (alert.Value, error) {
	n, ok := convertible(args[0])
	if !ok {
		return alert.Value{}, notNumber("int", args[0])
	}
	if n.Kind == alert.Int {
		return computed(n), nil
	}
	i, ok := exactInt(math.Trunc(float(n)))
	if !ok {
		return alert.Value{}, errors.New("int: the number does not fit into 64 bits")
	}
	return alert.OfInt(i), nil
}

func toFloat(_ *Machine, args []alert.Value) (alert.Value, error) {
	n, ok := convertible(args[0])
	if !ok {
		return alert.Value{}, notNumber("float", args[0])
	}
	return OfFloat(float(n))
}

func abs(m *Machine, args []alert.Value) (alert.Value, error) {
	n, ok := numeric(args[0])
	if !ok {
		return alert.Value{}, notNumber("abs", args[0])
	}
	if c := compareNumbers(n, alert.OfInt(0)); c < 0 {
		return minus(m, []alert.Value{n})
	}
	return computed(n), nil
}

// rounding leaves integers alone, and gives one for a fraction unless it is beyond 64 bits.
func rounding(name string, v alert.Value, f func(float64) float64) (alert.Value, error) {
	n, ok := numeric(v)
	if !ok {
		return alert.Value{}, notNumber(name, v)
	}
	if n.Kind == alert.Int {
		return computed(n), nil
	}
	rounded := f(float(n))
	if math.Abs(rounded) < 1<<63 {
		return alert.OfInt(int64(rounded)), nil
	}
	return OfFloat(rounded)
}

func ceil(_ *Machine, args []alert.Value) (alert.Value, error) {
	return rounding("ceil", args[0], math.Ceil)
}

func floor(_ *Machine, args []alert.Value) (alert.Value, error) {
	return rounding("floor", args[0], math.Floor)
}

// numbers visits the numbers in args and in the lists among them, and skips
// absent ones.
func (m *Machine) numbers(name string, args []alert.Value, visit func(n alert.Value) error) error {
	for i := range args {
		if err := m.numbersIn(name, &args[i], visit); err != nil {
			return err
		}
	}
	return nil
}

func (m *Machine) numbersIn(name string, v *alert.Value, visit func(n alert.Value) error) error {
	switch v.Kind {
	case alert.Nil:
		return nil
	case alert.List:
		if err := m.Reads(len(v.Text)); err != nil {
			return err
		}
		for it := v.ItemsIn(m.Arena); it.Next(); {
			if err := m.Step(1); err != nil {
				return err
			}
			item := it.Value()
			if err := m.numbersIn(name, &item, visit); err != nil {
				return err
			}
		}
		return nil
	}
	n, ok := numeric(*v)
	if !ok {
		return notNumber(name, *v)
	}
	return visit(n)
}

// extreme returns the largest number, or with sign -1 the smallest; nil if there
// is none.
func (m *Machine) extreme(name string, args []alert.Value, sign int) (alert.Value, error) {
	var best alert.Value
	err := m.numbers(name, args, func(n alert.Value) error {
		if best.Kind == alert.Nil || sign*compareNumbers(n, best) > 0 {
			best = n
		}
		return nil
	})
	return best, err
}

func maxOf(m *Machine, args []alert.Value) (alert.Value, error) { return m.extreme("max", args, 1) }

func minOf(m *Machine, args []alert.Value) (alert.Value, error) { return m.extreme("min", args, -1) }

// Total adds numbers. The sum of integers is an integer if it fits.
func (m *Machine) Total(name string, args []alert.Value) (sum alert.Value, count int64, err error) {
	sum = alert.OfInt(0)
	var pair [2]alert.Value
	err = m.numbers(name, args, func(n alert.Value) error {
		count++
		pair[0], pair[1] = sum, n
		sum, err = addNumbers(m, pair[:])
		return err
	})
	return sum, count, err
}

// Sum adds its arguments. It is nil if all are absent.
var Sum = Function{Name: "sum", Yields: Number | Nil, Lenient: true, Call: func(m *Machine, args []alert.Value) (alert.Value, error) {
	if !anyPresent(args) {
		return alert.Value{}, nil
	}
	total, _, err := m.Total("sum", args)
	return total, err
}}

func mean(m *Machine, args []alert.Value) (alert.Value, error) {
	sum, count, err := m.Total("mean", args)
	if count == 0 || err != nil {
		return alert.Value{}, err
	}
	return arithmetic("mean", divideInts, divideFloats)(m, []alert.Value{sum, alert.OfInt(count)})
}

func median(m *Machine, args []alert.Value) (alert.Value, error) {
	var all []alert.Value
	err := m.numbers("median", args, func(n alert.Value) error {
		all = append(all, n)
		return m.Holds(64)
	})
	if len(all) == 0 || err != nil {
		return alert.Value{}, err
	}
	sort.Slice(all, func(i, j int) bool { return compareNumbers(all[i], all[j]) < 0 })
	middle := len(all) / 2
	if len(all)%2 == 1 {
		return all[middle], nil
	}
	return mean(m, all[middle-1:middle+1])
}

func bitwise(f func(a, b int64) int64) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(_ *Machine, args []alert.Value) (alert.Value, error) {
		a, err := whole(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		b, err := whole(args[1])
		if err != nil {
			return alert.Value{}, err
		}
		return alert.OfInt(f(a, b)), nil
	}
}

func shift(f func(a int64, n uint64) int64) func(*Machine, []alert.Value) (alert.Value, error) {
	return func(_ *Machine, args []alert.Value) (alert.Value, error) {
		a, err := whole(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		n, err := whole(args[1])
		if err != nil {
			return alert.Value{}, err
		}
		if n < 0 {
			return alert.Value{}, errors.New("the number of bits to shift by is negative")
		}
		return alert.OfInt(f(a, uint64(n))), nil
	}
}

func bitnot(_ *Machine, args []alert.Value) (alert.Value, error) {
	a, err := whole(args[0])
	return alert.OfInt(^a), err
}
