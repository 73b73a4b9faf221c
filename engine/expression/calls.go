package expression

import (
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/alert"
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
	r.compared(n.Operator, left, right)
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
	args := []*node{left, right}
	if left.op == opCoalesce {
		args = append(slices.Clone(left.args), right)
	}
	return &node{op: opCoalesce, args: args, kinds: kinds, at: at}
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
	if f, ok := r.scope.Functions[name.Value]; ok && f.Definition != nil && !isFunction(name.Value) {
		return r.inline(f.Definition, n.Arguments, at)
	}
	args := r.all(n.Arguments)
	if f := fallback(name.Value); f != nil {
		return r.wrongCount(f, len(args), at)
	}
	if f := function.Named(name.Value); f != nil {
		return r.checked(f, args, at)
	}
	if guest, ok := r.scope.Functions[name.Value]; ok {
		r.varies = true
		r.calls(name.Value)
		if guest.Args >= 0 && len(args) != guest.Args {
			return r.faultf(at, "%s takes %s, not %d", name.Value, arguments(guest.Args), len(args))
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
	if n.Name == "get" && len(n.Arguments) > 1 && len(n.Arguments) < 4 {
		if got := r.direct(n, at); got != nil {
			return got
		}
	}
	args := r.all(n.Arguments)
	f := function.Named(n.Name)
	if f == nil {
		return r.unknown(n.Name, at)
	}
	return r.checked(f, args, at)
}

// checked makes a call whose arguments are as many as the function takes, and of
// kinds that it may accept.
func (r *resolver) checked(f *function.Function, args []*node, at int) *node {
	if least, most := f.Arity(); len(args) < least || most >= 0 && len(args) > most {
		return r.wrongCount(f, len(args), at)
	}
	for i, a := range args {
		p := f.Parameter(i)
		if p.Sort == function.NumberSort || p.Sort == function.IntegerSort {
			r.number(a)
		}
		if what := refused(a, p.Sort); what != "" && r.catching == 0 {
			return r.faultf(a.at, "%s takes %s here, not %s: %s", f.Name, p.Sort, what, usage(f))
		}
	}
	if f.Name == "get" && len(args) == 3 {
		// Not an argument: where the default is taken, the path was only tested.
		return otherwise(r.apply(f, args[:2], at), args[2], at)
	}
	return r.apply(f, args, at)
}

// refused says what an argument is that can never be of the sort, or nothing.
func refused(n *node, sort function.Sort) string {
	kinds := n.kinds &^ Nil
	switch {
	case kinds != 0 && kinds&sort.Accepts() == 0:
		return kinds.String()
	case n.op == opConst && sort.Refuses(n.value) && n.value.Kind == alert.Text:
		return "this text"
	case n.op == opConst && sort.Refuses(n.value):
		return "this number"
	}
	return ""
}

// direct resolves a get from a field by a constant path of names as if the path was
// written behind the field, so that nothing else of the field is read. It returns
// nil for any other get.
func (r *resolver) direct(n *ast.BuiltinNode, at int) *node {
	path, _ := r.follow(n.Arguments[1])
	text, ok := path.(*ast.StringNode)
	base, _ := r.unchain(n.Arguments[0])
	name, field := base.(*ast.IdentifierNode)
	if !ok || !field || name.Value == "tables" || name.Value == "settings" { // in which a wrong name is a fault
		return nil
	}
	if r.bound(name.Value) != nil && len(r.pathsOf(base, nil)) != 1 {
		return nil // the argument would be evaluated for each of the paths
	}
	names, ok := function.PathNames(text.Value)
	if !ok {
		return nil
	}
	behind := func(from ast.Node, name string) ast.Node {
		m := &ast.MemberNode{Node: from, Property: &ast.StringNode{Value: name}}
		m.SetLocation(n.Location())
		m.Property.SetLocation(n.Location())
		return m
	}
	end := n.Arguments[0]
	for _, name := range names {
		end = behind(end, name)
	}
	got := r.resolve(end)
	if len(names) > 1 {
		whole := r.resolve(behind(n.Arguments[0], text.Value))
		whole.probe = true
		got = otherwise(whole, got, at)
	}
	if len(n.Arguments) > 2 {
		got = otherwise(got, r.resolve(n.Arguments[2]), at)
	}
	return got
}

// otherwise replaces nil.
func otherwise(n, instead *node, at int) *node {
	switch {
	case n.op != opConst:
		return &node{op: opElse, args: []*node{n, instead}, kinds: n.kinds&^Nil | instead.kinds, at: at}
	case n.value.Kind == alert.Nil:
		return instead
	}
	return n
}

// number records a fault for a + that may join texts where a number belongs.
func (r *resolver) number(n *node) {
	if plus := n.joined(); plus != nil {
		r.fault(plus.at, r.noSum(plus))
	}
}

// usage is how a function is called, with an example.
func usage(f *function.Function) string { return f.Signature() + ", as in " + f.Example }

func (r *resolver) wrongCount(f *function.Function, got, at int) *node {
	least, most := f.Arity()
	count := arguments(most)
	switch {
	case most < 0:
		count = arguments(least) + " or more"
	case least < most:
		count = strconv.Itoa(least) + " to " + count
	}
	return r.faultf(at, "%s takes %s, not %d: %s", f.Name, count, got, usage(f))
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
	if idiom, ok := idioms[unmarked(name)]; ok {
		return r.unknownName(at, name, "", "there is no function `%s`; write `%s`", name, idiom)
	}
	close, ok := elsewhere[unmarked(name)]
	if !ok {
		close = spelling.Nearest(name, names)
	}
	if close != "" {
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
