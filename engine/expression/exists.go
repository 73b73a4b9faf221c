package expression

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// Exists says of each of Reads, and of OfLets behind them, whether the expression only asks if it is there: by
// `== nil` or `!= nil`, or on the left of a `??` whose result is asked for no more. What
// is in a list or an object does not matter then.
func (p *Program) Exists() []bool {
	paths := len(p.Reads) + len(p.OfLets)
	e := existence{p, make([]bool, paths), make([]bool, paths)}
	e.of(p.root, false)
	for i := range e.asked {
		e.asked[i] = e.asked[i] && !e.used[i]
	}
	return e.asked
}

// existence notes which reads are asked for, and of which the value is used.
type existence struct {
	program     *Program
	asked, used []bool
}

// of visits a node of whose value only its existence counts, if asked is true.
func (e *existence) of(n *node, asked bool) {
	switch {
	case n.inPlace != nil:
		e.of(n.inPlace, asked)
	case n.op == opPath && asked:
		e.asked[e.program.read(n)] = true
	case n.op == opPath:
		e.used[e.program.read(n)] = true
	case n.op == opCoalesce:
		e.all(n.args, asked)
	case n.op == opPresent || n.nothing != 0:
		e.all(n.args, true)
	default:
		e.all(n.args, false) // an argument of several uses is below its opDelay
	}
}

func (e *existence) all(args []*node, asked bool) {
	for _, a := range args {
		e.of(a, asked)
	}
}

// compareWithNil sets which comparison with nil a call is, whose arguments it turns so that nil
// is the second.
func (n *node) compareWithNil() {
	what := isSomething
	switch n.fn {
	case function.Operator("=="):
		what = isNothing
	case function.Operator("!="):
	default:
		return
	}
	isNil := func(a *node) bool { return a.op == opConst && a.value.Kind == alert.Nil }
	switch a, b := n.args[0], n.args[1]; {
	case isNil(b):
		n.nothing = what
	case isNil(a):
		n.nothing, n.args = what, []*node{b, a}
	}
}
