package expression

import "github.com/sluice-lake/sluice/engine/alert"

// flow says how the values of a function's arguments reach its result, which
// decides what of an alert counts as written.
type flow uint8

const (
	// computes: the result is made of all arguments, as a text that is joined.
	computes flow = iota
	// carries: the result is one of the values that came in, or holds some of
	// them, as a list that is sorted.
	carries
	// tests: no argument is in the result, as in a length or a comparison.
	tests
	// looksUp: the result is a part of the first argument; where that comes from
	// nowhere, as a table does, the result is made of the key.
	looksUp
	// cuts: the result is a part of a list, or made of a text.
	cuts
)

// flowOf settles what a definition leaves open: what is true or false only tests.
func flowOf(f *function) flow {
	if f.yields == Bool {
		return tests
	}
	return f.flow
}

// trace gives the result of a call its origin, if it has not come with the value.
func (m *Machine) trace(how flow, v *alert.Value, args []alert.Value) {
	switch how {
	case computes:
		v.Origin = m.Origins.Union(args)
	case tests:
		v.Origin = 0
	case looksUp:
		if v.Origin == 0 {
			v.Origin = m.Origins.Union(args[1:])
		}
	case cuts:
		if v.Kind != alert.List {
			v.Origin = m.Origins.Union(args[:1])
		}
	}
}
