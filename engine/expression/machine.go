package expression

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Machine holds what evaluations need besides their program. It belongs to one
// goroutine. Evaluations may nest: Env.Let may run another program on the same
// Machine.
type Machine struct {
	// Guests are for the Functions of a Scope to call, in an order that the caller
	// chooses. Set them before the first evaluation.
	Guests []func(args []alert.Value) (alert.Value, error)

	// Origins, if it is set, follows the values of the alert; see package alert.
	// It is set before the first evaluation.
	Origins *alert.Origins

	function.Machine
	env          *Env
	base         int       // of the innermost program's variables on the stack
	iteration    iteration // of the innermost predicate
	delayed      []delayedValue
	firstDelayed int // of the innermost program
}

// NewMachine makes a Machine, which grows to what its programs need.
func NewMachine() *Machine {
	return &Machine{Machine: function.Machine{Stack: make([]alert.Value, 0, 64)}}
}

// declare makes room for variables on the stack.
func (m *Machine) declare(variables int) {
	m.base = len(m.Stack)
	for range variables {
		m.Stack = append(m.Stack, alert.Value{})
	}
}

// delayedValue is an argument that is evaluated at its first use.
type delayedValue struct {
	tree      *code
	iteration iteration // around the call
	done      bool
	value     alert.Value
	err       error
}

// delay makes room for the delayed arguments of a program.
func (m *Machine) delay(count int) {
	m.firstDelayed = len(m.delayed)
	for range count {
		m.delayed = append(m.delayed, delayedValue{})
	}
}

func (m *Machine) evalDelayed(n *code) (alert.Value, error) {
	at := m.firstDelayed + int(n.index)
	if d := &m.delayed[at]; !d.done {
		outer := m.iteration
		m.iteration = d.iteration
		v, err := m.eval(d.tree)
		m.iteration = outer
		d = &m.delayed[at] // evaluating may have moved it
		d.done, d.value, d.err = true, v, err
	}
	return m.delayed[at].value, m.delayed[at].err
}
