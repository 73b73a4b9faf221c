package expression

import (
	"cmp"
	"errors"
	"sort"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// rank and byOrder are a total order over all values, which < is not: numbers
// and texts that are numbers by their value, then other texts by their bytes,
// then false and true, then what has no order, then what is absent.
func rank(v alert.Value) (int, alert.Value) {
	if n, ok := numeric(v); ok {
		return 0, n
	}
	switch v.Kind {
	case alert.Text:
		return 1, v
	case alert.Bool:
		return 2, v
	case alert.Nil:
		return 4, v
	}
	return 3, v
}

func byOrder(a, b alert.Value) int {
	i, x := rank(a)
	j, y := rank(b)
	if i != j {
		return cmp.Compare(i, j)
	}
	switch i {
	case 0:
		return compareNumbers(x, y)
	case 1:
		return strings.Compare(x.Text, y.Text)
	case 2:
		return cmp.Compare(x.Num, y.Num)
	}
	return 0
}

// arrangement sorts pairs of an item and its key; equal ones stay as they are.
// What is absent stays last in either direction.
type arrangement struct {
	pairs      []alert.Value
	descending bool
}

func (a arrangement) Len() int { return len(a.pairs) / 2 }

func (a arrangement) Swap(i, j int) {
	p := a.pairs
	p[2*i], p[2*j] = p[2*j], p[2*i]
	p[2*i+1], p[2*j+1] = p[2*j+1], p[2*i+1]
}

func (a arrangement) Less(i, j int) bool {
	x, y := a.pairs[2*i+1], a.pairs[2*j+1]
	c := byOrder(x, y)
	if a.descending && x.Kind != alert.Nil && y.Kind != alert.Nil {
		c = -c
	}
	return c < 0
}

// arrange makes a list of the items of pairs, sorted by their keys in the order
// that is named; the ascending one if none is.
func (m *Machine) arrange(pairs []alert.Value, order alert.Value) (alert.Value, error) {
	a := arrangement{pairs: pairs}
	switch {
	case order.Kind == alert.Nil || order.Text == "asc":
	case order.Text == "desc":
		a.descending = true
	default:
		return alert.Value{}, errors.New(`the order must be "asc" or "desc"`)
	}
	if err := m.lists(8 * a.Len()); err != nil { // the keys, and some rounds of comparing
		return alert.Value{}, err
	}
	for i := 1; i < len(pairs); i += 2 {
		if err := m.reads(16 * len(pairs[i].Text)); err != nil { // it is compared many times
			return alert.Value{}, err
		}
	}
	sort.Stable(a)
	list := make([]any, a.Len())
	for i := range list {
		list[i] = toAny(pairs[2*i])
	}
	return ofList(list), nil
}

func sortList(m *Machine, args []alert.Value) (alert.Value, error) {
	list, err := m.items(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	var order alert.Value
	if len(args) > 1 {
		order = args[1]
	}
	base := len(m.stack)
	for _, x := range list {
		v := toValue(x)
		m.stack = append(m.stack, v, v)
	}
	v, err := m.arrange(m.stack[base:], order)
	m.stack = m.stack[:base]
	return v, err
}
