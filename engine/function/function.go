package function

import "github.com/sluice-lake/sluice/engine/alert"

// Function is one operator or function of the language, and all that is said of
// it: the manual, the schema for editors and the faults are made from it.
type Function struct {
	Name  string
	Group Group
	// Takes are the parameters in order. Operators have none here.
	Takes  []Parameter
	Yields Kinds
	// Means says in a line what the result is, Example is a call that shows it, and
	// Gives the result of the example as JSON. Differs says what expr's function of
	// this name does otherwise.
	Means, Example, Gives, Differs string

	Numbers bool // of an operator: takes numbers, so a + that may join texts is a fault in its operands
	Parts   int  // of an expression that it counts as, besides itself
	Lenient bool // handles nil arguments itself; otherwise any nil argument gives nil
	Flow    Flow
	// Call is pure: it keeps nothing of args, changes none of their lists, and
	// uses m only for limits and scratch memory. It is nil if there is a Test, and
	// for functions that evaluate their arguments in ways of their own.
	Call func(m *Machine, args []alert.Value) (alert.Value, error)
	// Test is for operators that are true or false. It takes pointers, because
	// copying values is most of the work in chains of conditions.
	Test func(m *Machine, a, b *alert.Value) (bool, error)
	// Prepare, if it is not nil, specialises the function for constant arguments;
	// the others are nil. It returns nil to leave the function as it is, and an
	// error with the argument that is wrong.
	Prepare func(args []*alert.Value) (special *Function, wrong int, err error)
}

// Invoke returns nil for nil arguments, unless the function is lenient.
func (f *Function) Invoke(m *Machine, args []alert.Value) (alert.Value, error) {
	if !f.Lenient {
		for i := range args {
			if args[i].Kind == alert.Nil {
				return alert.Value{}, nil
			}
		}
	}
	if f.Test != nil {
		holds, err := f.Test(m, &args[0], &args[1])
		return alert.OfBool(holds), err
	}
	return f.Call(m, args)
}

// Flow says how the values of a function's arguments reach its result, which
// decides what of an alert counts as written.
type Flow uint8

const (
	// Computes: the result is made of all arguments, as a text that is joined.
	Computes Flow = iota
	// Carries: the result is one of the values that came in, or holds some of
	// them, as a list that is sorted.
	Carries
	// Tests: no argument is in the result, as in a length or a comparison.
	Tests
	// LooksUp: the result is a part of the first argument; where that comes from
	// nowhere, as a table does, the result is made of the key.
	LooksUp
	// Cuts: the result is a part of a list, or made of a text.
	Cuts
)
