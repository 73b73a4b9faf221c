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

// arranged puts items in the order of their keys; equal ones stay as they are.
// What is absent stays last whatever the direction.
type arranged struct {
	items      []any
	keys       []alert.Value
	descending bool
}

func (s arranged) Len() int { return len(s.items) }
func (s arranged) Swap(i, j int) {
	s.items[i], s.items[j] = s.items[j], s.items[i]
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
}
func (s arranged) Less(i, j int) bool {
	c := byOrder(s.keys[i], s.keys[j])
	if s.descending && s.keys[i].Kind != alert.Nil && s.keys[j].Kind != alert.Nil {
		c = -c
	}
	return c < 0
}

func (m *Machine) arrange(items, keys []any, direction []alert.Value) (alert.Value, error) {
	descending := false
	if len(direction) > 0 {
		switch direction[0].Text {
		case "asc":
		case "desc":
			descending = true
		default:
			return alert.Value{}, errors.New(`the order must be "asc" or "desc"`)
		}
	}
	if err := m.lists(8 * len(items)); err != nil { // the keys, and some rounds of comparing
		return alert.Value{}, err
	}
	s := arranged{append([]any{}, items...), make([]alert.Value, len(items)), descending}
	for i := range keys {
		s.keys[i] = toValue(keys[i])
		if err := m.reads(16 * len(s.keys[i].Text)); err != nil { // it is compared many times
			return alert.Value{}, err
		}
	}
	sort.Stable(s)
	return ofList(s.items), nil
}

func sortList(m *Machine, args []alert.Value) (alert.Value, error) {
	list, err := m.items(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	return m.arrange(list, list, args[1:])
}

// keyed gives a list and what a body made of its items.
func (m *Machine) keyed(args []alert.Value) (list, keys []any, err error) {
	if list, err = m.items(args[0]); err != nil {
		return nil, nil, err
	}
	keys, err = m.items(args[1])
	return list, keys, err
}

// sortOf is sortBy(list, body, order): args are the list, the results of the
// body, and the order.
var sortOf = function{name: "sortBy", yields: List, call: func(m *Machine, args []alert.Value) (alert.Value, error) {
	list, keys, err := m.keyed(args)
	if err != nil {
		return alert.Value{}, err
	}
	return m.arrange(list, keys, args[2:])
}}

// groupOf is groupBy(list, body): args are the list and the results of the
// body. Names of members are texts, so 5 and "5" are one group; items without
// a key are in the group "".
var groupOf = function{name: "groupBy", yields: Object, call: func(m *Machine, args []alert.Value) (alert.Value, error) {
	list, keys, err := m.keyed(args)
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.lists(8 * len(list)); err != nil {
		return alert.Value{}, err
	}
	groups := make(map[string]any)
	for i := range keys {
		name, err := memberName(toValue(keys[i]))
		if err != nil {
			return alert.Value{}, err
		}
		if err := m.reads(len(name)); err != nil {
			return alert.Value{}, err
		}
		group, _ := groups[name].([]any)
		groups[name] = append(group, list[i])
	}
	return ofObject(groups), nil
}}
