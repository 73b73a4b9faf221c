package expression

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// flowOf settles what a definition leaves open: what is true or false only tests.
func flowOf(f *function.Function) function.Flow {
	if f.Yields == Bool {
		return function.Tests
	}
	return f.Flow
}

// trace gives the result of a call its origin, if it has not come with the value.
func (m *Machine) trace(how function.Flow, v *alert.Value, args []alert.Value) {
	switch how {
	case function.Computes:
		if v.IsRaw() {
			v.Origin = m.Origins.Parsed(args)
			return
		}
		v.Origin = m.Origins.Union(args)
	case function.Tests:
		v.Origin = 0
	case function.LooksUp:
		if v.Origin == 0 {
			v.Origin = m.Origins.Union(args[1:])
		}
	case function.Cuts:
		if v.Kind != alert.List {
			v.Origin = m.Origins.Union(args[:1])
		}
	}
}
