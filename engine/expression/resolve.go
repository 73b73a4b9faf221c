package expression

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// resolver turns expr's tree into the resolved one. Names become paths, lets and
// data, operators become calls, and errors become faults.
type resolver struct {
	*frame
	program  *Program
	machine  *Machine // made by folding
	faults   []Fault
	declared int
	delayed  int // arguments that are evaluated once, at their first use
	frames   map[*Bound]*frame
	linked   Place // of the chain that is being resolved
	inlining []inlined
	nodes    int
	catching int  // enclosing ?? and try whose failing side this is
	varies   bool // it must not be evaluated when it is compiled
}

type variable struct {
	name  string
	index int
	kinds Kinds
	plus  *node // joined of its value
}

// fault records a fault and returns a node to continue with.
func (r *resolver) fault(at int, message string) *node {
	if f := r.written.Function; f != nil {
		message = "in function `" + f.Name + "`: " + message
	}
	f := Fault{Offset: at, Message: message}
	if !slices.Contains(r.faults, f) { // an argument may be resolved at each use
		r.faults = append(r.faults, f)
	}
	return &node{op: opConst, kinds: Any, at: at}
}

func (r *resolver) faultf(at int, format string, args ...any) *node {
	return r.fault(at, fmt.Sprintf(format, args...))
}

// unknownName records a name that the scope does not have.
func (r *resolver) unknownName(at int, name, nearest, format string, args ...any) *node {
	before := len(r.faults)
	n := r.faultf(at, format, args...)
	if len(r.faults) > before {
		last := &r.faults[before]
		last.Unknown, last.Nearest = name, nearest
	}
	return n
}

func constant(v alert.Value, at int) *node {
	return &node{op: opConst, value: v, kinds: function.KindOf(v), at: at}
}

// resolve is one switch over expr's nodes. It counts visits, because some nodes
// share children (in a < b < c and `a ?: b`).
func (r *resolver) resolve(n ast.Node) *node {
	if r.count(1); r.nodes > maxPlaced {
		return constant(alert.Value{}, 0)
	}
	out := r.tree(n)
	if !out.located {
		out.place, out.located = r.place(n), true
	}
	return out
}

// count counts parts of the expression.
func (r *resolver) count(parts int) {
	before := r.nodes
	if r.nodes += parts; r.nodes > maxPlaced && before <= maxPlaced {
		r.tooManyNodes()
	}
}

func (r *resolver) tree(n ast.Node) *node {
	at := r.at(n)
	switch n := n.(type) {
	case *ast.NilNode:
		return constant(alert.Value{}, at)
	case *ast.BoolNode:
		return constant(alert.OfBool(n.Value), at)
	case *ast.IntegerNode:
		return constant(alert.OfInt(int64(n.Value)), at)
	case *ast.FloatNode:
		return r.float(n.Value, at)
	case *ast.StringNode:
		return r.text(n.Value, at)
	case *ast.BytesNode:
		return r.fault(at, "byte literals are not supported; write a text without the `b`")
	case *ast.IdentifierNode, *ast.MemberNode:
		return r.chain(n)
	case *ast.ChainNode:
		return r.resolve(n.Node)
	case *ast.SliceNode:
		return r.slice(n, at)
	case *ast.UnaryNode:
		return r.unary(n, at)
	case *ast.BinaryNode:
		return r.binary(n, at)
	case *ast.ConditionalNode:
		return r.conditional(n)
	case *ast.VariableDeclaratorNode:
		return r.declare(n, at)
	case *ast.SequenceNode:
		return r.sequence(n)
	case *ast.ArrayNode:
		return r.list(n, at)
	case *ast.MapNode:
		return r.object(n, at)
	case *ast.CallNode:
		return r.call(n, at)
	case *ast.BuiltinNode:
		return r.builtin(n, at)
	case *ast.PointerNode:
		return r.pointer(n, at)
	}
	return r.fault(at, "this is not supported in an expression")
}

func (r *resolver) float(f float64, at int) *node {
	v, err := function.OfFloat(f)
	if err != nil {
		return r.fault(at, "the number is too large")
	}
	return constant(v, at)
}

func (r *resolver) text(s string, at int) *node {
	if !utf8.ValidString(s) {
		return r.fault(at, "the text is not valid UTF-8 once its escapes are read; write characters as \\u escapes")
	}
	return constant(alert.OfText(s), at)
}

// conditional resolves ?: and if … else.
func (r *resolver) conditional(n *ast.ConditionalNode) *node {
	cond := r.condition(r.resolve(n.Cond))
	a, b := r.resolve(n.Exp1), r.resolve(n.Exp2)
	return &node{op: opCond, args: []*node{cond, a, b}, kinds: a.kinds | b.kinds, at: cond.at}
}

// condition records a fault for what can never be a condition.
func (r *resolver) condition(n *node) *node {
	if n.kinds&(Bool|Nil) == 0 {
		r.fault(n.at, "a condition must be true or false; compare the value with something")
	}
	if field, ok := r.field(n); ok && r.scope.Condition != nil {
		if why := r.scope.Condition(field); why != "" {
			r.fault(n.at, why)
		}
	}
	return n
}

// compared records a fault for a comparison of a field with text that its type
// rules out.
func (r *resolver) compared(operator string, left, right *node) {
	field, ok := r.field(left)
	if !ok || r.scope.Compare == nil || right.op == opConst && right.value.Kind != alert.Text {
		return
	}
	text := ""
	if right.op == opConst {
		text = right.value.Text
	} else if operator == "==" || operator == "!=" {
		return // the other side may be a list
	}
	if why := r.scope.Compare(field, operator, text); why != "" {
		r.fault(left.at, why)
	}
}

// field returns the path that a node reads, itself or as a let that stands for it.
func (r *resolver) field(n *node) (alert.Path, bool) {
	switch {
	case n.op == opPath:
		return r.program.Reads[n.index], true
	case n.op == opLet && n.index < len(r.scope.Aliases) && len(r.scope.Aliases[n.index]) == 1:
		return r.scope.Aliases[n.index][0], true
	}
	return nil, false
}

func (r *resolver) declare(n *ast.VariableDeclaratorNode, at int) *node {
	if err := checkVariable(n.Name); err != nil {
		r.fault(at, err.Error())
	}
	value := r.resolve(n.Value)
	index := r.declared
	r.declared++
	r.variables = append(r.variables, variable{n.Name, index, value.kinds, value.joined()})
	body := r.resolve(n.Expr)
	r.variables = r.variables[:len(r.variables)-1]
	return &node{op: opDeclare, index: index, args: []*node{value, body}, kinds: body.kinds, at: at}
}

// sequence keeps the last of `a; b`. Expressions have no effects, so the others
// matter only for their faults.
func (r *resolver) sequence(n *ast.SequenceNode) *node {
	var last *node
	for _, one := range n.Nodes {
		last = r.resolve(one)
	}
	return last
}

func (r *resolver) list(n *ast.ArrayNode, at int) *node {
	args := r.all(n.Nodes)
	if all, ok := constants(args); ok {
		return constant(alert.OfList(all), at)
	}
	return &node{op: opList, args: args, kinds: List, at: at}
}

func (r *resolver) object(n *ast.MapNode, at int) *node {
	var args []*node
	for _, pair := range n.Pairs {
		p := pair.(*ast.PairNode)
		args = append(args, r.resolve(p.Key), r.resolve(p.Value))
	}
	return r.apply(&function.ObjectLiteral, args, at)
}

func (r *resolver) all(list []ast.Node) []*node {
	args := make([]*node, len(list))
	for i, n := range list {
		args[i] = r.resolve(n)
	}
	return args
}

func (r *resolver) pointer(n *ast.PointerNode, at int) *node {
	within := r.predicate[len(r.predicate)-1]
	switch n.Name {
	case "":
		return &node{op: opItem, kinds: Any, at: at}
	case "index":
		return &node{op: opIndex, kinds: Int, at: at}
	case "acc":
		if within == "reduce" {
			return &node{op: opAcc, kinds: Any, at: at}
		}
		return r.faultf(at, "`#acc` is the accumulator of reduce; it does not exist in %s", within)
	}
	return r.faultf(at, "there is no `#%s`; a predicate has `#` (the item), `#index` and, in reduce, `#acc`", n.Name)
}

func (r *resolver) slice(n *ast.SliceNode, at int) *node {
	from, to := constant(alert.OfInt(0), at), constant(alert.OfInt(math.MaxInt64), at)
	base := r.resolve(n.Node)
	if n.From != nil {
		from = r.resolve(n.From)
	}
	if n.To != nil {
		to = r.resolve(n.To)
	}
	return r.apply(&function.Slicing, []*node{base, from, to}, at)
}
