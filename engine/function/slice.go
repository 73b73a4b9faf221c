package function

import (
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
)

// slice returns some items of a list, or some characters of a text or number.
func slice(m *Machine, args []alert.Value) (alert.Value, error) {
	from, err := whole(args[1])
	if err != nil {
		return alert.Value{}, err
	}
	to, err := whole(args[2])
	if err != nil {
		return alert.Value{}, err
	}
	switch args[0].Kind {
	case alert.Text, alert.Int, alert.Float:
		s, err := m.oneText(args[0])
		if err != nil {
			return alert.Value{}, err
		}
		return alert.OfText(characters(s, from, to)), nil
	case alert.List:
		return m.part(args[0], func(n int) (int, int) { return bounds(from, to, n) })
	}
	return alert.Value{}, nil
}

// part makes a list of some items of another; cut chooses from its n items.
func (m *Machine) part(v alert.Value, cut func(n int) (from, to int)) (alert.Value, error) {
	if list, ok := v.Made(); ok {
		from, to := cut(len(list))
		part := m.Arena.List(list[from:to:to])
		part.Origin = v.Origin
		return part, m.Step(1)
	}
	base, err := m.push(v)
	if err != nil {
		return alert.Value{}, err
	}
	from, to := cut(len(m.Stack) - base)
	m.Stack = m.Stack[:base+to]
	return m.Listed(base + from)
}

// bounds clamps a slice to n items. Negative positions count from the end.
func bounds(from, to int64, n int) (a, b int) {
	clamp := func(i int64) int {
		if i < 0 {
			i += int64(n)
		}
		return int(min(max(i, 0), int64(n)))
	}
	a, b = clamp(from), clamp(to)
	return min(a, b), b
}

func characters(s string, from, to int64) string {
	a, b := bounds(from, to, utf8.RuneCountInString(s))
	start, end, count := len(s), len(s), 0
	for at := range s {
		if count == a {
			start = at
		}
		if count == b {
			end = at
			break
		}
		count++
	}
	return s[min(start, end):end]
}
