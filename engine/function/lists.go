package function

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
		return alert.OfInt(int64(len(members))), err
	case alert.List:
		if list, ok := v.Made(); ok {
			return alert.OfInt(int64(len(list))), nil
		}
		n := 0
		for it := v.Items(); it.Next(); n++ {
		}
		return alert.OfInt(int64(n)), m.scan(len(v.Text))
	case alert.Bool:
		return alert.Value{}, errors.New("len needs text, a list or an object, found true or false")
	}
	s, err := m.oneText(v)
	return alert.OfInt(int64(utf8.RuneCountInString(s))), err
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
		return alert.Value{}, errors.New("take needs a count that is not negative")
	}
	return m.part(args[0], func(all int) (int, int) { return 0, int(min(n, int64(all))) })
}

func reverse(m *Machine, args []alert.Value) (alert.Value, error) {
	base, err := m.push(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	slices.Reverse(m.Stack[base:])
	return m.Listed(base)
}

// uniq keeps the first of equal items.
func uniq(m *Machine, args []alert.Value) (alert.Value, error) {
	base, err := m.push(args[0])
	if err != nil {
		return alert.Value{}, err
	}
	list := m.Stack[base:]
	if err := m.lists(len(list)); err != nil {
		return alert.Value{}, err
	}
	kept, seen, onlyTexts := list[:0], map[string]bool{}, true
	for _, item := range list {
		known := false
		if onlyTexts = onlyTexts && item.Kind == alert.Text; onlyTexts { // texts are equal only if they are the same
			err = m.Reads(len(item.Text))
			known = seen[item.Text]
			seen[item.Text] = true
		} else {
			known, err = m.holdsItem(kept, &item)
		}
		if err != nil {
			return alert.Value{}, err
		}
		if !known {
			kept = append(kept, item)
		}
	}
	m.Stack = m.Stack[:base+len(kept)]
	return m.Listed(base)
}

func (m *Machine) holdsItem(list []alert.Value, item *alert.Value) (bool, error) {
	for i := range list {
		if err := m.Step(1); err != nil {
			return false, err
		}
		if same, err := equal(m, &list[i], item); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

// concat skips absent arguments, and is nil if all are absent.
func concat(m *Machine, args []alert.Value) (alert.Value, error) {
	if !anyPresent(args) {
		return alert.Value{}, nil
	}
	base := len(m.Stack)
	for _, a := range args {
		if _, err := m.push(a); err != nil {
			return alert.Value{}, err
		}
		if len(m.Stack)-base > maxItems {
			return alert.Value{}, errItems
		}
	}
	return m.Listed(base)
}

// flatten replaces lists in a list, at any depth, by their items.
func flatten(m *Machine, args []alert.Value) (alert.Value, error) {
	base := len(m.Stack)
	if err := m.flat(args[0]); err != nil {
		return alert.Value{}, err
	}
	return m.Listed(base)
}

// flat pushes a value on the stack, or the items of a list instead of it.
func (m *Machine) flat(v alert.Value) error {
	if v.Kind != alert.List {
		m.Stack = append(m.Stack, v)
		return m.lists(1)
	}
	if err := m.scan(len(v.Text)); err != nil {
		return err
	}
	for it := v.ItemsIn(m.Arena); it.Next(); {
		if err := m.flat(it.Value()); err != nil {
			return err
		}
	}
	return nil
}

// join writes the scalars of a list one after the other. It skips absent and
// empty items, and writes no separator for them.
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
		return alert.OfText(s), err
	}
	if err := m.Reads(len(list.Text)); err != nil {
		return alert.Value{}, err
	}
	out := m.scratch[:0]
	for it := list.ItemsIn(m.Arena); it.Next(); {
		if err := m.Step(1); err != nil {
			return alert.Value{}, err
		}
		v := it.Value()
		if v.Kind == alert.Nil || v.Kind == alert.Text && v.Text == "" {
			continue
		}
		if v.Kind >= alert.List {
			return alert.Value{}, errors.New("join needs a list of texts and numbers; first flatten lists in it, and pick the members you need of objects")
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
	return alert.OfText(m.Arena.Text(out)), m.scan(len(out))
}

// zip makes one list of the first items, one of the second ones, and so on. A
// scalar is a list of one, shorter lists are padded with nil, and the result is
// nil if all arguments are absent.
func zip(m *Machine, args []alert.Value) (alert.Value, error) {
	if !anyPresent(args) {
		return alert.Value{}, nil
	}
	columns, longest := m.columns[:0], 0
	for i := range args {
		list, err := m.Items(args[i])
		if err != nil {
			return alert.Value{}, err
		}
		columns, longest = append(columns, list), max(longest, len(list))
	}
	m.columns = columns
	if longest > maxItems/len(args) {
		return alert.Value{}, errItems
	}
	if err := m.lists(longest * (len(args) + 2)); err != nil {
		return alert.Value{}, err
	}
	rows, cells := m.Arena.Rows(longest, len(args))
	for c, list := range columns {
		for row := range list {
			cells[row*len(args)+c] = list[row]
		}
	}
	clear(columns)
	return rows, nil
}

func anyPresent(args []alert.Value) bool {
	for i := range args {
		if args[i].Kind != alert.Nil {
			return true
		}
	}
	return false
}
