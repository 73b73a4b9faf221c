package expression

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/spelling"
)

func (r *resolver) unary(n *ast.UnaryNode, at int) *node {
	arg := r.resolve(n.Node)
	switch n.Operator {
	case "!", "not":
		return &node{op: opNot, args: []*node{r.condition(arg)}, kinds: Bool, at: at}
	case "-":
		return r.apply(&function.Negate, []*node{arg}, at)
	case "+":
		return r.apply(&function.Positive, []*node{arg}, at)
	}
	return r.faultf(at, "there is no operator `%s`", n.Operator)
}

func (r *resolver) binary(n *ast.BinaryNode, at int) *node {
	if n.Operator == "??" {
		return coalesce(r.caught(n.Left), r.resolve(n.Right), at)
	}
	left, right := r.resolve(n.Left), r.resolve(n.Right)
	switch n.Operator {
	case "and", "&&":
		return &node{op: opAnd, args: []*node{r.condition(left), r.condition(right)}, kinds: Bool, at: at}
	case "or", "||":
		return &node{op: opOr, args: []*node{r.condition(left), r.condition(right)}, kinds: Bool, at: at}
	}
	f := function.Operator(n.Operator)
	if n.Operator == "+" {
		f = plus(left, right)
	}
	if f == nil {
		return r.faultf(at, "there is no operator `%s`", n.Operator)
	}
	return r.apply(f, []*node{left, right}, at)
}

// caught resolves an expression whose failure has an answer, so that constants
// in it may fail too.
func (r *resolver) caught(n ast.Node) *node {
	r.catching++
	defer func() { r.catching-- }()
	return r.resolve(n)
}

// coalesce replaces failure, nil and empty text, so the result is nil only where
// the right side is.
func coalesce(left, right *node, at int) *node {
	kinds := left.kinds&^Nil | right.kinds
	if left.kinds&(Nil|Text) == 0 && !left.mayFail() {
		kinds = left.kinds
	}
	return &node{op: opCoalesce, args: []*node{left, right}, kinds: kinds, at: at}
}

// call resolves a call of a function that expr does not have.
func (r *resolver) call(n *ast.CallNode, at int) *node {
	name, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		r.all(n.Arguments)
		return r.fault(at, "there are no methods here; write the function first: lower(x), not x.lower()")
	}
	switch {
	case name.Value == "default" && len(n.Arguments) == 2:
		return coalesce(r.caught(n.Arguments[0]), r.resolve(n.Arguments[1]), at)
	case name.Value == "try" && len(n.Arguments) == 1:
		arg := r.caught(n.Arguments[0])
		return &node{op: opTry, args: []*node{arg}, kinds: arg.kinds | Nil, at: at}
	}
	args := r.all(n.Arguments)
	switch name.Value {
	case "default":
		return r.wrongCount("default", 2, 2, len(args), at)
	case "try":
		return r.wrongCount("try", 1, 1, len(args), at)
	}
	if f := function.Named(name.Value); f != nil {
		return r.checked(f, args, at)
	}
	if guest, ok := r.scope.Functions[name.Value]; ok {
		r.guests = true
		if guest.Args >= 0 && len(args) != guest.Args {
			return r.wrongCount(name.Value, guest.Args, guest.Args, len(args), at)
		}
		return &node{op: opGuest, index: guest.Index, args: args, kinds: Any, at: at}
	}
	return r.unknown(name.Value, at)
}

// builtin resolves a call of a function that expr has too: a predicate, another
// function, or one that sluice rejects.
func (r *resolver) builtin(n *ast.BuiltinNode, at int) *node {
	if why, ok := removed[n.Name]; ok {
		r.all(n.Arguments)
		return r.faultf(at, "%s is not available: %s", n.Name, why)
	}
	if p, ok := predicates[n.Name]; ok {
		return r.each(p, n.Arguments, at)
	}
	args := r.all(n.Arguments)
	f := function.Named(n.Name)
	if f == nil {
		return r.unknown(n.Name, at)
	}
	return r.checked(f, args, at)
}

func (r *resolver) checked(f *function.Function, args []*node, at int) *node {
	if len(args) < f.Min || f.Max >= 0 && len(args) > f.Max {
		return r.wrongCount(f.Name, f.Min, f.Max, len(args), at)
	}
	return r.apply(f, args, at)
}

func (r *resolver) wrongCount(name string, least, most, got, at int) *node {
	switch {
	case most < 0:
		return r.faultf(at, "%s takes %s or more, not %d", name, arguments(least), got)
	case least == most:
		return r.faultf(at, "%s takes %s, not %d", name, arguments(least), got)
	}
	return r.faultf(at, "%s takes %d to %s, not %d", name, least, arguments(most), got)
}

func arguments(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return strconv.Itoa(n) + " arguments"
}

func (r *resolver) unknown(name string, at int) *node {
	names := Functions()
	for n := range r.scope.Functions {
		names = append(names, n)
	}
	if close := spelling.Nearest(name, names); close != "" {
		return r.unknownName(at, name, close, "there is no function `%s`; did you mean `%s`?", name, close)
	}
	return r.unknownName(at, name, "", "there is no function `%s`; functions of your own go under `functions`", name)
}

// removed are the functions of expr whose results vary from run to run, or that
// no event can hold.
var removed = map[string]string{
	"now":      "expressions give the same result every time and cannot read the clock; use a time of the alert, such as timestamp",
	"date":     "the target attribute converts times by itself; give it the time as text",
	"duration": "events hold times and numbers, not durations; write the number of milliseconds",
	"timezone": "times without a zone are UTC, and zones of the host are not read; leave the zone out",
}

// each resolves a predicate.
func (r *resolver) each(p *predicate, args []ast.Node, at int) *node {
	name := p.name
	if len(args) == 0 || p.body && len(args) < 2 {
		r.all(args)
		return r.faultf(at, "%s takes a list and an expression for its items: %s(list, # …)", name, name)
	}
	list := r.resolve(args[0])
	body := &node{op: opItem, kinds: Any, at: at}
	if len(args) > 1 {
		body = r.body(name, args[1])
	}
	if p.test {
		r.condition(body)
	}
	if name == "sum" && len(args) == 2 && !body.looksAtItems() {
		return r.apply(&function.Sum, []*node{list, body}, at)
	}
	var rest []*node
	if len(args) > 2 {
		rest = r.all(args[2:])
	}
	return &node{op: opEach, loop: p, args: append([]*node{list, body}, rest...), kinds: p.yields | list.kinds&Nil, at: at}
}

func (r *resolver) body(name string, n ast.Node) *node {
	if p, ok := n.(*ast.PredicateNode); ok {
		n = p.Node
	}
	r.predicate = append(r.predicate, name)
	body := r.resolve(n)
	r.predicate = slices.Delete(r.predicate, len(r.predicate)-1, len(r.predicate))
	return body
}
