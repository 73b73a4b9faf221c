package expression

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// toAny is a value as expr's VM holds it: nil, bool, int, float64, string,
// []any, map[string]any, or the alert.Value itself where a list or an object is
// still raw: it may pass through an expression without being decoded.
func toAny(v alert.Value) any {
	if v.Kind >= alert.List && v.Any == nil {
		return v
	}
	return v.Interface()
}

func toValue(x any) alert.Value { return alert.FromAny(x) }

// deep decodes everything raw in x, so that names are in order and each is
// there once.
func deep(x any) any {
	switch x := x.(type) {
	case alert.Value:
		if x.Any == nil {
			return x.Interface()
		}
		return deep(x.Any)
	case []any:
		list := make([]any, len(x))
		for i := range x {
			list[i] = deep(x[i])
		}
		return list
	case map[string]any:
		members := make(map[string]any, len(x))
		for name, v := range x {
			members[name] = deep(v)
		}
		return members
	}
	return x
}

// items gives a list's items for reading. A scalar or an object is a list of
// itself: Wazuh writes one value where a list is usual.
func (m *Machine) items(v alert.Value) ([]any, error) {
	switch {
	case v.Kind == alert.Nil:
		return nil, nil
	case v.Kind != alert.List:
		return []any{toAny(v)}, m.lists(1)
	case v.Any != nil:
		list, _ := v.Any.([]any)
		return list, m.step(1)
	}
	list := []any{}
	for it := v.Items(); it.Next(); {
		if len(list)%64 == 0 {
			if err := m.lists(64); err != nil {
				return nil, err
			}
		}
		list = append(list, toAny(it.Value()))
	}
	return list, m.scan(len(v.Text))
}

// members gives an object's members for reading.
func (m *Machine) members(v alert.Value) (map[string]any, error) {
	if v.Any == nil {
		if err := m.holds(4 * len(v.Text)); err != nil {
			return nil, err
		}
	}
	members, _ := v.Interface().(map[string]any)
	return members, m.step(1 + len(members))
}

// weigh refuses values that are larger than an evaluation may make: lists that
// hold each other many times are small until somebody writes them out.
func (m *Machine) weigh(x any, left *int) error {
	*left -= 8
	switch x := x.(type) {
	case string:
		*left -= len(x)
	case alert.Value:
		*left -= len(x.Text)
		if x.Any != nil {
			return m.weigh(x.Any, left)
		}
	case []any:
		for _, item := range x {
			if err := m.weigh(item, left); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, v := range x {
			*left -= len(name)
			if err := m.weigh(v, left); err != nil {
				return err
			}
		}
	}
	if *left < 0 {
		return errBytes
	}
	return nil
}

// outward checks a value that leaves the evaluation.
func (m *Machine) outward(v alert.Value) error {
	if v.Any == nil {
		return nil
	}
	left := maxBytes
	return m.weigh(v.Any, &left)
}

// json writes a list or an object with its names in order, on one line.
func (m *Machine) json(v alert.Value) (string, error) {
	left := maxText
	if err := m.weigh(v, &left); err != nil {
		return "", errText
	}
	if err := m.makes(maxText - left); err != nil {
		return "", err
	}
	if err := m.step((maxText - left) / 8); err != nil {
		return "", err
	}
	m.scratch = toValue(deep(v)).AppendJSON(m.scratch[:0])
	return string(m.scratch), nil
}

// text is a scalar as text.
func text(v alert.Value) (string, error) {
	switch v.Kind {
	case alert.Text:
		return v.Text, nil
	case alert.Int:
		return strconv.FormatInt(int64(v.Num), 10), nil
	case alert.Float, alert.Bool:
		return string(v.AppendText(nil)), nil
	}
	return "", fmt.Errorf("%s stands where text belongs", word(v.Kind))
}

// maxDigits bounds the text that may count as a number, so that reading one is
// never more than a step's work. No number needs as many.
const maxDigits = 1024

// numeric is the value as a number: itself, or text that is one.
func numeric(v alert.Value) (alert.Value, bool) {
	if v.Kind == alert.Text && len(v.Text) > maxDigits {
		return alert.Value{}, false
	}
	return v.Number()
}

// whole is a number without a fraction, or text that is one.
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
	return 0, fmt.Errorf("%s stands where a whole number belongs", describe(v))
}

// describe names a value's kind for messages about numbers.
func describe(v alert.Value) string {
	switch v.Kind {
	case alert.Text:
		return "text that is no such number"
	case alert.Float:
		return "a number with a fraction or beyond 64 bits"
	}
	return word(v.Kind)
}

func errCondition(k alert.Kind) error {
	return fmt.Errorf("a condition must be true or false, and this one is %s; compare it with something", word(k))
}

func appendInt(dst []byte, i int64) []byte { return strconv.AppendInt(dst, i, 10) }

func valid(s string) bool { return utf8.ValidString(s) }

var errNotUTF8 = errors.New("the result is no text: its bytes are not UTF-8")
