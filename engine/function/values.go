package function

import (
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/engine/alert"
)

// push pushes the items of a list on the stack, from base on. A scalar or an
// object is a list of one: Wazuh writes a single value where a list is usual.
func (m *Machine) push(v alert.Value) (base int, err error) {
	base = len(m.Stack)
	switch {
	case v.Kind == alert.Nil:
		return base, nil
	case v.Kind != alert.List:
		m.Stack = append(m.Stack, v)
		return base, m.lists(1)
	}
	if list, ok := v.Made(); ok && v.Origin == 0 {
		if err := m.lists(len(list)); err != nil {
			return base, err
		}
		m.Stack = append(m.Stack, list...)
		return base, nil
	}
	for it := v.ItemsIn(m.Arena); it.Next(); {
		if err := m.lists(1); err != nil {
			return base, err
		}
		m.Stack = append(m.Stack, it.Value())
	}
	return base, m.scan(len(v.Text))
}

// Items returns the items of a list for reading, until the stack is reset.
func (m *Machine) Items(v alert.Value) ([]alert.Value, error) {
	if list, ok := v.Made(); ok && v.Origin == 0 {
		return list, m.Step(1)
	}
	base, err := m.push(v)
	return m.Stack[base:], err
}

// Listed pops the values from base on and makes a list of them.
func (m *Machine) Listed(base int) (alert.Value, error) {
	items := m.Stack[base:]
	m.Stack = m.Stack[:base]
	if err := m.Holds(len(items) * itemBytes); err != nil {
		return alert.Value{}, err
	}
	list := m.Arena.Values(len(items))
	copy(list, items)
	return m.Arena.List(list), nil
}

// members returns an object's members for reading.
func (m *Machine) members(v alert.Value) ([]alert.Member, error) {
	if err := m.Reads(len(v.Text)); err != nil {
		return nil, err
	}
	members := v.MembersIn(m.Arena)
	return members, m.counted(v, len(members))
}

// counted counts n members of an object that were gone through, and the memory that those
// of a raw one took.
func (m *Machine) counted(v alert.Value, n int) error {
	if v.IsRaw() {
		if err := m.Holds(n * memberBytes); err != nil {
			return err
		}
	}
	return m.Step(1 + n)
}

// Outward returns an error for a value that is larger than an evaluation may make.
func Outward(v *alert.Value) error {
	if weigh(v, maxBytes) < 0 {
		return ErrBytes
	}
	return nil
}

// weigh subtracts the size of a value from left, and stops below 0. A value may
// be far larger than its memory, because lists can share others many times.
func weigh(v *alert.Value, left int) int {
	left -= 8 + len(v.Text)
	list, _ := v.Made()
	for i := 0; i < len(list) && left >= 0; i++ {
		left = weigh(&list[i], left)
	}
	if v.Kind == alert.Object && !v.IsRaw() {
		members := v.Members()
		for i := 0; i < len(members) && left >= 0; i++ {
			left = weigh(&members[i].Value, left-len(members[i].Name))
		}
	}
	return left
}

// json writes a value as JSON on one line, with names in order.
func (m *Machine) json(v alert.Value) (string, error) {
	left := weigh(&v, maxText)
	if left < 0 {
		return "", errText
	}
	if err := m.makes(maxText - left); err != nil {
		return "", err
	}
	if err := m.Step((maxText - left) / 8); err != nil {
		return "", err
	}
	m.scratch = v.Decoded().AppendJSON(m.scratch[:0])
	return m.Arena.Text(m.scratch), nil
}

// text is text in memory of the Arena.
func (m *Machine) text(v alert.Value) (string, error) {
	if v.Kind == alert.Bool || v.Text == "" && (v.Kind == alert.Int || v.Kind == alert.Float) {
		return m.Arena.TextOf(v), nil
	}
	return text(v)
}

// text returns a scalar as text.
func text(v alert.Value) (string, error) {
	switch v.Kind {
	case alert.Text:
		return v.Text, nil
	case alert.Int, alert.Float:
		if v.Text != "" {
			return v.Text, nil
		}
		return string(v.AppendText(nil)), nil
	case alert.Bool:
		return string(v.AppendText(nil)), nil
	}
	return "", fmt.Errorf("expected text, found %s", Word(v.Kind))
}

// maxDigits bounds text that may count as a number, so that reading it takes no
// more than a step. No real number is as long.
const maxDigits = 1024

// numeric returns a value as a number: itself, or text that is one.
func numeric(v alert.Value) (alert.Value, bool) {
	if v.Kind == alert.Text && len(v.Text) > maxDigits {
		return alert.Value{}, false
	}
	return v.Number()
}

// whole returns a number without a fraction, or text that is one.
func whole(v alert.Value) (int64, error) {
	n, ok := numeric(v)
	if ok && n.Kind == alert.Int {
		return int64(n.Num), nil
	}
	if ok {
		if i, exact := exactInt(float(n)); exact {
			return i, nil
		}
	}
	return 0, fmt.Errorf("expected a whole number, found %s", describe(v))
}

// describe names a value's kind for messages about whole numbers.
func describe(v alert.Value) string {
	switch v.Kind {
	case alert.Text:
		return "text that is not a whole number"
	case alert.Float:
		return "a number with a fraction or beyond 64 bits"
	}
	return Word(v.Kind)
}

var errNotUTF8 = errors.New("the result is not text: its bytes are not UTF-8")

func typeName(_ *Machine, args []alert.Value) (alert.Value, error) {
	names := [...]string{"nil", "bool", "int", "float", "string", "array", "map"}
	return alert.OfText(names[args[0].Kind]), nil
}
