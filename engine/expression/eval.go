package expression

import (
	"errors"
	"math/bits"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// eval evaluates a tree. maxNodes bounds its depth.
func (m *Machine) eval(n *code) (alert.Value, error) {
	switch n.op {
	case opConst:
		return *n.value, nil
	case opPath:
		return *m.env.at(int(n.index)), nil
	case opLet:
		return m.env.Let(int(n.index))
	case opElement:
		return m.env.Elements[n.index].Value, nil
	case opPosition:
		return alert.OfInt(int64(m.env.Elements[n.index].Index)), nil
	case opLine:
		return alert.OfText(m.env.Line), nil
	case opCond:
		holds, err := m.condition(&n.args[0])
		switch {
		case err != nil:
			return alert.Value{}, err
		case holds:
			return m.eval(&n.args[1])
		}
		return m.eval(&n.args[2])
	case opAnd, opOr, opNot, opPresent:
		holds, err := m.condition(n)
		return alert.OfBool(holds), err
	case opCoalesce:
		base := len(m.Stack)
		v, err := m.coalesce(n)
		m.Stack = m.Stack[:base]
		if err != nil {
			return alert.Value{}, err
		}
		return *v, nil
	case opList:
		return m.evalList(n)
	case opCall:
		return m.evalCall(n)
	}
	return m.evalScoped(n)
}

// coalesce evaluates a ?? b ?? …: it returns the first value that is present, or else the last
// one, as operand does.
func (m *Machine) coalesce(n *code) (v *alert.Value, err error) {
	base := len(m.Stack)
	for i := range n.args {
		a := &n.args[i]
		m.Stack = m.Stack[:base]
		if a.op == opPath {
			v, err = m.env.at(int(a.index)), nil
		} else {
			v, err = m.operand(a)
		}
		if err == nil && present(v) || err != nil && !catches(err) {
			break
		}
	}
	return v, err
}

// present reports whether `??` takes its left side.
func present(v *alert.Value) bool {
	return v.Kind != alert.Nil && (v.Kind != alert.Text || v.Text != "")
}

func missing(v *alert.Value) bool { return v.Kind == alert.Nil }

// evalScoped evaluates what is rarer: `try`, defaults, and variables and loops with what is
// there inside of them.
func (m *Machine) evalScoped(n *code) (alert.Value, error) {
	switch n.op {
	case opTry:
		v, err := m.eval(&n.args[0])
		if err != nil && catches(err) {
			return alert.Value{}, nil
		}
		return v, err
	case opElse:
		if v, err := m.eval(&n.args[0]); v.Kind != alert.Nil || err != nil {
			return v, err
		}
		return m.eval(&n.args[1])
	case opVar:
		return *m.variable(int(n.index)), nil
	case opDeclare:
		v, err := m.eval(&n.args[0])
		if err != nil {
			return alert.Value{}, err
		}
		*m.variable(int(n.index)) = v
		return m.eval(&n.args[1])
	case opDelay:
		m.delayed[m.firstDelayed+int(n.index)] = delayedValue{tree: &n.args[0], iteration: m.iteration}
		return m.eval(&n.args[1])
	case opDelayed:
		return m.evalDelayed(n)
	case opEach:
		return m.evalEach(n)
	case opGuest:
		return m.evalGuest(n)
	case opItem:
		return m.iteration.item, nil
	case opIndex:
		return alert.OfInt(int64(m.iteration.index)), nil
	}
	return m.iteration.acc, nil
}

// catches reports whether ?? and try catch an error: all but those of an
// evaluation that exceeds its bounds as a whole.
func catches(err error) bool {
	return !errors.Is(err, function.ErrSteps) && !errors.Is(err, function.ErrAlert) && !errors.Is(err, function.ErrInput) && !errors.Is(err, function.ErrBytes)
}

// variable returns a variable of the running program.
func (m *Machine) variable(index int) *alert.Value { return &m.Stack[m.base+index] }

// condition evaluates a condition, which must be true, false or nil.
func (m *Machine) condition(n *code) (bool, error) {
	switch n.op {
	case opCall:
		if n.fn.Test != nil {
			return m.evalTest(n)
		}
	case opAnd, opOr:
		holds, err := m.condition(&n.args[0])
		if err != nil || holds == (n.op == opOr) {
			return holds, err
		}
		return m.condition(&n.args[1])
	case opNot:
		holds, err := m.condition(&n.args[0])
		return !holds, err
	case opPresent:
		return m.holds(&n.args[0], present)
	}
	v, err := m.eval(n)
	if err != nil {
		return false, err
	}
	return Condition(v)
}

// holds tests a value where it is.
func (m *Machine) holds(n *code, test func(*alert.Value) bool) (bool, error) {
	base := len(m.Stack)
	v, err := m.operand(n)
	holds := err == nil && test(v)
	m.Stack = m.Stack[:base]
	return holds, err
}

// evalTest runs a comparison on its operands where they are.
func (m *Machine) evalTest(n *code) (bool, error) {
	switch n.nothing {
	case isNothing:
		return m.holds(&n.args[0], missing)
	case isSomething:
		missing, err := m.holds(&n.args[0], missing)
		return err == nil && !missing, err
	}
	base := len(m.Stack)
	a, err := m.operand(&n.args[0])
	if err != nil {
		return false, err
	}
	b, err := m.operand(&n.args[1])
	if err != nil {
		m.Stack = m.Stack[:base]
		return false, err
	}
	holds, err := n.fn.Test(&m.Machine, a, b)
	m.Stack = m.Stack[:base]
	return holds, err
}

// operand returns a pointer to a value where it is, or pushes it on the stack.
// Earlier pointers stay valid when the stack grows.
func (m *Machine) operand(n *code) (*alert.Value, error) {
	switch n.op {
	case opConst:
		return n.value, nil
	case opPath:
		return m.env.at(int(n.index)), nil
	case opElement:
		return &m.env.Elements[n.index].Value, nil
	case opVar:
		return m.variable(int(n.index)), nil
	case opItem:
		return &m.iteration.item, nil
	case opCoalesce:
		return m.coalesce(n)
	}
	v, err := m.eval(n)
	if err != nil {
		return nil, err
	}
	m.Stack = alert.Append(m.Stack, &v)
	return &m.Stack[len(m.Stack)-1], nil
}

// evalArgs pushes the arguments on the stack, from base on.
func (m *Machine) evalArgs(args []code) (base int, err error) {
	base = len(m.Stack)
	for i := range args {
		v, err := m.eval(&args[i])
		if err != nil {
			m.Stack = m.Stack[:base]
			return base, err
		}
		m.Stack = alert.Append(m.Stack, &v)
	}
	return base, nil
}

func (m *Machine) evalCall(n *code) (alert.Value, error) {
	if n.fn.Test != nil {
		holds, err := m.evalTest(n)
		return alert.OfBool(holds), err
	}
	if n.fn == &function.Member && n.args[1].op == opConst {
		return m.evalMember(n)
	}
	base, err := m.evalArgs(n.args)
	if err != nil {
		return alert.Value{}, err
	}
	v, err := n.fn.Invoke(&m.Machine, m.Stack[base:])
	if m.Origins != nil && n.flow != function.Carries && v.Kind != alert.Nil {
		for steer := n.steer; steer != 0; steer &= steer - 1 {
			if i := base + bits.TrailingZeros64(steer); i < len(m.Stack) {
				m.Stack[i] = alert.Value{}
			}
		}
		m.trace(n.flow, &v, m.Stack[base:])
	}
	m.Stack = m.Stack[:base]
	return v, err
}

// evalMember reads `x[0]` and `x.name`, the most frequent calls, without
// copying x.
func (m *Machine) evalMember(n *code) (alert.Value, error) {
	base := len(m.Stack)
	from, err := m.operand(&n.args[0])
	m.Stack = m.Stack[:base]
	if err != nil || from.Kind < alert.List {
		return alert.Value{}, err
	}
	return function.ReadFrom(&m.Machine, from, n.args[1].value)
}

var errNoGuest = errors.New("the function runs with alerts only, not while a mapping is compiled")

func (m *Machine) evalGuest(n *code) (alert.Value, error) {
	base, err := m.evalArgs(n.args)
	if err != nil {
		return alert.Value{}, err
	}
	if int(n.index) >= len(m.Guests) {
		m.Stack = m.Stack[:base]
		return alert.Value{}, errNoGuest
	}
	v, err := m.Guests[n.index](m.Stack[base:])
	if m.Origins != nil && v.Kind != alert.Nil {
		m.trace(function.Computes, &v, m.Stack[base:])
	}
	m.Stack = m.Stack[:base]
	return v, err
}

func (m *Machine) evalList(n *code) (alert.Value, error) {
	base, err := m.evalArgs(n.args)
	if err != nil {
		return alert.Value{}, err
	}
	return m.Listed(base)
}
