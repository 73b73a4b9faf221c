package expression

import (
	"github.com/expr-lang/expr/vm"
	"github.com/sluice-lake/sluice/engine/alert"
)

// adapt makes a function of expr's out of one of ours. params are the machine
// and the arguments.
func adapt(f *function) vm.Function {
	return func(params ...any) (any, error) {
		m := params[0].(*Machine)
		base := len(m.stack)
		for _, p := range params[1:] {
			m.stack = append(m.stack, toValue(p))
		}
		v, err := f.invoke(m, m.stack[base:])
		m.stack = m.stack[:base]
		if err != nil {
			return nil, &carried{err}
		}
		return toAny(v), nil
	}
}

func readPath(params ...any) (any, error) {
	return toAny(*params[0].(*Machine).env.at(params[1].(int))), nil
}

func readLet(params ...any) (any, error) {
	v, err := params[0].(*Machine).env.Let(params[1].(int))
	if err != nil {
		return nil, &carried{err}
	}
	return toAny(v), nil
}

func readIt(params ...any) (any, error) { return toAny(params[0].(*Machine).env.It), nil }

func readLine(params ...any) (any, error) { return params[0].(*Machine).env.Line, nil }

func filled(params ...any) (any, error) {
	if params[1] == "" {
		return nil, nil
	}
	return params[1], nil
}

func test(params ...any) (any, error) {
	holds, err := Condition(toValue(params[1]))
	if err != nil {
		return nil, &carried{err}
	}
	return holds, nil
}

func round(params ...any) (any, error) {
	if err := params[0].(*Machine).step(1); err != nil {
		return nil, &carried{err}
	}
	return params[1], nil
}

func roundTest(params ...any) (any, error) {
	if err := params[0].(*Machine).step(1); err != nil {
		return nil, &carried{err}
	}
	return test(params...)
}

// loopItems makes the list that a predicate goes through.
func loopItems(params ...any) (any, error) {
	m := params[0].(*Machine)
	v := toValue(params[1])
	if v.Kind == alert.Nil {
		return nil, nil
	}
	m.rounds++
	err := m.holds(roundBytes)
	if err == nil {
		var list []any
		if list, err = m.items(v); err == nil {
			return list, nil
		}
	}
	return nil, &carried{err}
}

func absent(params ...any) (any, error) { return params[1] == nil, nil }

func empty(params ...any) (any, error) {
	list, _ := params[1].([]any)
	return len(list) == 0, nil
}
