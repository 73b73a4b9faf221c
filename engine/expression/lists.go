package expression

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// length counts a text's characters, a list's items or an object's members.
func length(m *Machine, args []alert.Value) (alert.Value, error) {
	v := args[0]
	switch v.Kind {
	case alert.Object:
		members, err := m.members(v)
		return ofInt(int64(len(members))), err
	case alert.List:
		list, err := m.items(v)
		return ofInt(int64(len(list))), err
	case alert.Bool:
		return alert.Value{}, errors.New("len needs text, a list or an object, and found true or false")
	}
	s, err := m.oneText(v)
	return ofInt(int64(utf8.RuneCountInString(s))), err
}

func first(_ *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind != alert.List {
		return args[0], nil
	}
	return args[0].Index(0), nil
}

func last(m *Machine, args []alert.Value) (alert.Value, error) {
	if args[0].Kind != alert.List {
		return args[0], nil
	}
	return args[0].Index(-1), m.scan(len(args[0].Text))
}

func take(m *Machine, args []alert.Value) (alert.Value, error) {
	n, err := whole(args[1])
	switch {
	case err != nil:
		return alert.Value{}, err
	case n < 0:
		return alert.Value{}, errors.New("take needs a number of items that is not negative")
	}
	list, err := m.items(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	n = min(n, int64(len(list)))
	return ofList(list[:n:n]), nil
}

func reverse(m *Machine, args []alert.Value) (alert.Value, error) {
	list, err := m.copied(args[0])
	slices.Reverse(list)
	return ofList(list), err
}

// copied gives items that may be changed.
func (m *Machine) copied(v alert.Value) ([]any, error) {
	list, err := m.items(v)
	if err != nil {
		return nil, err
	}
	return slices.Clone(list), m.lists(len(list))
}

// uniq keeps the first of equal items.
func uniq(m *Machine, args []alert.Value) (alert.Value, error) {
	list, err := m.items(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	if err := m.lists(2 * len(list)); err != nil {
		return alert.Value{}, err
	}
	kept := make([]any, 0, len(list))
	if len(list) == 1 {
		return ofList(append(kept, list[0])), nil
	}
	seen := make(map[string]bool, len(list))
	onlyTexts := true
	for _, item := range list {
		if s, ok := item.(string); ok && onlyTexts { // two texts are equal if they are the same
			if err := m.reads(len(s)); err != nil {
				return alert.Value{}, err
			}
			if !seen[s] {
				seen[s] = true
				kept = append(kept, item)
			}
			continue
		}
		onlyTexts = false
		known, err := m.holdsItem(kept, item)
		if err != nil {
			return alert.Value{}, err
		}
		if !known {
			kept = append(kept, item)
		}
	}
	return ofList(kept), nil
}

func (m *Machine) holdsItem(list []any, item any) (bool, error) {
	for _, k := range list {
		if err := m.step(1); err != nil {
			return false, err
		}
		a, b := toValue(k), toValue(item)
		if same, err := equal(m, &a, &b); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// concat passes over what is absent, and is absent if everything is.
func concat(m *Machine, args []alert.Value) (alert.Value, error) {
	var all []any
	for _, a := range args {
		list, err := m.items(a)
		if err != nil {
			return alert.Value{}, err
		}
		if a.Kind != alert.Nil && all == nil {
			all = []any{}
		}
		if len(all)+len(list) > maxItems {
			return alert.Value{}, errItems
		}
		if err := m.lists(len(list)); err != nil {
			return alert.Value{}, err
		}
		all = append(all, list...)
	}
	if all == nil {
		return alert.Value{}, nil
	}
	return ofList(all), nil
}

// flatten puts the items of lists in lists, at any depth, into one.
func flatten(m *Machine, args []alert.Value) (alert.Value, error) {
	list, err := m.flat(nil, args[0])
	return ofList(list), err
}

func (m *Machine) flat(all []any, v alert.Value) ([]any, error) {
	list, err := m.items(v)
	if err != nil {
		return nil, err
	}
	for _, item := range list {
		if inner := toValue(item); inner.Kind == alert.List {
			if all, err = m.flat(all, inner); err != nil {
				return nil, err
			}
			continue
		}
		if len(all) >= maxItems {
			return nil, errItems
		}
		if err := m.lists(1); err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// join writes the scalars of a list one after the other; what is absent or
// empty is passed over and leaves no separator.
func join(m *Machine, args []alert.Value) (alert.Value, error) {
	separator := ""
	if len(args) > 1 {
		s, err := text(args[1])
		if err != nil {
			return alert.Value{}, err
		}
		separator = s
	}
	list := args[0]
	if list.Kind != alert.List {
		s, err := text(list)
		return ofText(s), err
	}
	if err := m.reads(len(list.Text)); err != nil {
		return alert.Value{}, err
	}
	out := m.scratch[:0]
	for it := list.Items(); it.Next(); {
		if err := m.step(1); err != nil {
			return alert.Value{}, err
		}
		v := it.Value()
		if v.Kind == alert.Nil || v.Kind == alert.Text && v.Text == "" {
			continue
		}
		if v.Kind >= alert.List {
			return alert.Value{}, errors.New("join needs a list of texts and numbers; flatten lists in it, and take what you need of objects, first")
		}
		if len(out) > 0 {
			out = append(out, separator...)
		}
		if out = v.AppendText(out); len(out) > maxText {
			return alert.Value{}, errText
		}
	}
	m.scratch = out
	if err := m.makes(len(out)); err != nil {
		return alert.Value{}, err
	}
	return ofText(string(out)), m.scan(len(out))
}

// zip makes one list of the first items, one of the second ones, and so on.
// A scalar is a list of itself, a shorter list is filled with nil, and where
// all is absent there is nothing.
func zip(m *Machine, args []alert.Value) (alert.Value, error) {
	if !anyPresent(args) {
		return alert.Value{}, nil
	}
	columns := m.columns[:0]
	defer func() {
		clear(columns)
		m.columns = columns
	}()
	longest := 0
	for _, a := range args {
		list, err := m.items(a)
		if err != nil {
			return alert.Value{}, err
		}
		columns = append(columns, list)
		longest = max(longest, len(list))
	}
	if longest > maxItems/len(args) {
		return alert.Value{}, errItems
	}
	if err := m.lists(longest * (len(args) + 2)); err != nil {
		return alert.Value{}, err
	}
	cells := make([]any, longest*len(args)) // one allocation for all rows
	rows := make([]any, longest)
	for i := range rows {
		row := cells[i*len(args) : (i+1)*len(args) : (i+1)*len(args)]
		for j, list := range columns {
			if i < len(list) {
				row[j] = list[i]
			}
		}
		rows[i] = row
	}
	return ofList(rows), nil
}

func anyPresent(args []alert.Value) bool {
	for i := range args {
		if args[i].Kind != alert.Nil {
			return true
		}
	}
	return false
}
