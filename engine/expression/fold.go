package expression

import (
	"errors"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// apply makes a call. It folds calls with constant arguments only, and
// specialises functions that can be.
func (r *resolver) apply(f *function.Function, args []*node, at int) *node {
	steer := f.Steering()
	if f.Prepare != nil {
		special, wrong, err := f.Prepare(known(args))
		if err != nil {
			return r.fault(args[wrong].at, err.Error())
		}
		if special != nil {
			f = special
			r.count(special.Parts)
		}
	}
	if f.Numbers {
		for _, a := range args {
			r.number(a)
		}
	}
	yields := f.Yields
	if !f.Lenient {
		for _, a := range args {
			yields |= a.kinds & Nil
		}
	}
	if all, ok := constants(args); ok && len(r.faults) == 0 {
		v, err := r.fold(f, all)
		if err != nil && r.catching == 0 && !errors.Is(err, function.ErrInput) {
			return r.fault(at, "this can never be evaluated: "+err.Error())
		}
		if err == nil && cheap(v) {
			return constant(v, at)
		}
	}
	call := &node{op: opCall, fn: f, flow: flowOf(f), steer: steer, args: args, kinds: yields, at: at}
	call.compareWithNil()
	return call
}

// What folding takes counts as parts of the expression: a constant of a thousand items takes
// as much memory as hundreds of parts, and what takes more is left to each evaluation.
const (
	foldSteps = 10_000
	foldPart  = 64 // steps for a part
	foldItems = 4  // items for a part
	foldBytes = 4 << 10
)

// fold makes a call with constant arguments.
func (r *resolver) fold(f *function.Function, args []alert.Value) (alert.Value, error) {
	m := &r.folding().Machine
	frame := m.Enter()
	m.Confine(foldSteps)
	v, err := f.Invoke(m, args)
	steps, bytes := m.Taken()
	r.count(min(steps, foldSteps)/foldPart + bytes/foldBytes)
	m.Leave(frame)
	if items, ok := v.Made(); ok && cheap(v) {
		r.count(len(items) / foldItems)
	}
	return v, err
}

// folding returns the Machine that evaluates constants. Most expressions have none to
// evaluate.
func (r *resolver) folding() *Machine {
	if r.machine == nil {
		r.machine = NewMachine()
	}
	return r.machine
}

// known are the constants among args; the others are nil.
func known(args []*node) []*alert.Value {
	all := make([]*alert.Value, len(args))
	for i, a := range args {
		if a.op == opConst {
			all[i] = &a.value
		}
	}
	return all
}

func constants(args []*node) ([]alert.Value, bool) {
	all := make([]alert.Value, len(args))
	for i, a := range args {
		if a.op != opConst {
			return nil, false
		}
		all[i] = a.value
	}
	return all, true
}

// cheap reports whether a folded value is small enough to replace the call that
// makes it.
func cheap(v alert.Value) bool {
	if items, ok := v.Made(); ok {
		return len(items) <= maxNodes
	}
	return len(v.Text) <= maxSource
}
