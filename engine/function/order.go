package function

import (
	"cmp"
	"errors"
	"sort"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// rank and byOrder define a total order over all values, which < is not: numbers
// and texts that are numbers by their value, then other texts by their bytes,
// then false and true, then lists and objects, then absent values.
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

func byOrder(a, b *alert.Value) int {
	i, x := rank(*a)
	j, y := rank(*b)
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

// descending is byOrder backwards, with absent values last too.
func descending(a, b *alert.Value) int {
	if a.Kind == alert.Nil || b.Kind == alert.Nil {
		return byOrder(a, b)
	}
	return byOrder(b, a)
}

func byName(a, b *alert.Value) int { return strings.Compare(a.Text, b.Text) }

// arrangement implements sort.Interface over pairs of an item and its key.
type arrangement struct {
	pairs   []alert.Value
	compare func(a, b *alert.Value) int
}

func (a *arrangement) Len() int { return len(a.pairs) / 2 }

func (a *arrangement) Swap(i, j int) {
	p := a.pairs
	p[2*i], p[2*j] = p[2*j], p[2*i]
	p[2*i+1], p[2*j+1] = p[2*j+1], p[2*i+1]
}

func (a *arrangement) Less(i, j int) bool { return a.compare(&a.pairs[2*i+1], &a.pairs[2*j+1]) < 0 }

// sorted sorts pairs by their keys and returns the items. The order of equal
// ones stays.
func (m *Machine) sorted(pairs []alert.Value, compare func(a, b *alert.Value) int) []alert.Value {
	m.pairs = arrangement{pairs, compare}
	sort.Stable(&m.pairs)
	m.pairs = arrangement{}
	items := m.Arena.Values(len(pairs) / 2)
	for i := range items {
		items[i] = pairs[2*i]
	}
	return items
}

// Sort makes a list of the items of pairs, which are items and their keys in turn,
// sorted by the keys. order is "asc", "desc", or nil for ascending.
func (m *Machine) Sort(pairs []alert.Value, order alert.Value) (alert.Value, error) {
	compare := byOrder
	switch {
	case order.Kind == alert.Nil || order.Text == "asc":
	case order.Text == "desc":
		compare = descending
	default:
		return alert.Value{}, errors.New(`the order must be "asc" or "desc"`)
	}
	if err := m.lists(4 * len(pairs)); err != nil { // the keys, and some comparisons of each
		return alert.Value{}, err
	}
	for i := 1; i < len(pairs); i += 2 {
		if err := m.Reads(16 * len(pairs[i].Text)); err != nil { // it is compared several times
			return alert.Value{}, err
		}
	}
	return m.Arena.List(m.sorted(pairs, compare)), nil
}

func sortList(m *Machine, args []alert.Value) (alert.Value, error) {
	base, err := m.push(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	n := len(m.Stack) - base
	m.Stack = append(m.Stack, m.Stack[base:]...)
	pairs := m.Stack[base:]
	for i := n - 1; i >= 0; i-- { // make each item a pair with itself, from the end
		pairs[2*i], pairs[2*i+1] = pairs[i], pairs[i]
	}
	var order alert.Value
	if len(args) > 1 {
		order = args[1]
	}
	return m.Sort(pairs, order)
}

// Group makes an object of lists of the items of pairs, one for each key. Names of
// members are texts, so 5 and "5" are one group; items without a key are in the
// group "".
func (m *Machine) Group(pairs []alert.Value) (alert.Value, error) { return m.group(pairs, true) }

// group makes a list for each key or, where listed is false, only for keys that
// several items have.
func (m *Machine) group(pairs []alert.Value, listed bool) (alert.Value, error) {
	if err := m.lists(4 * len(pairs)); err != nil {
		return alert.Value{}, err
	}
	for i := 1; i < len(pairs); i += 2 {
		name, err := memberName(pairs[i])
		if err != nil {
			return alert.Value{}, err
		}
		if err := m.Reads(16 * len(name)); err != nil { // it is compared several times
			return alert.Value{}, err
		}
		pairs[i] = alert.OfText(name)
	}
	items := m.sorted(pairs, byName)
	groups := m.Arena.Members(len(items))[:0]
	for from, i := 0, 0; i < len(items); i++ {
		if name := pairs[2*i+1].Text; i+1 == len(items) || pairs[2*i+3].Text != name {
			value := items[from]
			if listed || i > from {
				value = m.Arena.List(items[from : i+1 : i+1])
			}
			groups = append(groups, alert.Member{Name: name, Value: value})
			from = i + 1
		}
	}
	return m.Arena.Object(groups), nil
}
