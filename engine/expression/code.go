package expression

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// code is what an evaluation needs of a node. It fills one line of a processor's cache, and the
// code of an expression lies together in memory, those of the arguments of a node side by side:
// most of the time of an evaluation was waiting for its nodes.
type code struct {
	op      op
	nothing nothing
	flow    function.Flow
	index   int32 // steps of an iteration for opEach
	args    []code
	value   *alert.Value
	fn      *function.Function
	loop    *predicate
	steer   uint64
}

// encode returns the code of a tree. Nodes that several others share have theirs once for each.
func (p *Program) encode(root *node) *code {
	nodes, values := 0, 0
	root.walk(func(n *node) {
		nodes++
		switch {
		case n.op == opConst:
			values++
		case n.inPlace != nil:
			nodes += len(n.inPlace.args)
		}
	})
	e := encoder{p, make([]code, nodes), make([]alert.Value, values)}
	at := &e.codes[0]
	e.codes = e.codes[1:]
	e.node(at, root)
	return at
}

// encoder has the memory that is left.
type encoder struct {
	program *Program
	codes   []code
	values  []alert.Value
}

func (e *encoder) node(to *code, n *node) {
	if n.inPlace != nil {
		n = n.inPlace
	}
	*to = code{op: n.op, nothing: n.nothing, flow: n.flow, index: int32(n.index), fn: n.fn, loop: n.loop, steer: n.steer}
	switch n.op {
	case opPath:
		to.index = int32(e.program.read(n))
	case opEach:
		to.index = int32(n.steps)
	case opConst:
		e.values[0] = n.value
		to.value, e.values = &e.values[0], e.values[1:]
	}
	count := len(n.args)
	to.args, e.codes = e.codes[:count:count], e.codes[count:]
	for i, a := range n.args {
		e.node(&to.args[i], a)
	}
}
