package expression

import (
	"fmt"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Definition is a function that is an expression with parameters. Its body takes
// the place of each call when an expression is compiled. Check it once, after the
// functions that it calls.
type Definition struct {
	Name   string
	Params []string
	// Calls are the functions that the body calls, but for those that every
	// expression has, each once.
	Calls []string

	src    source
	tree   ast.Node
	uses   []use // of the parameters
	broken bool
}

// Define parses the body of a function.
func Define(name string, params []string, body string, trees Trees) (*Definition, []Fault) {
	p := trees.of(body)
	d := &Definition{Name: name, Params: params, src: p.src, tree: p.tree}
	if p.fault != nil {
		d.Discard()
		return d, []Fault{*p.fault}
	}
	d.uses, d.Calls = usesOf(d.src, d.tree, params)
	return d, nil
}

// Signature returns the function as a call of it is written: basename(path).
func (d *Definition) Signature() string { return d.Name + "(" + strings.Join(d.Params, ", ") + ")" }

// Unused returns the parameters that the body does not use.
func (d *Definition) Unused() []string {
	var names []string
	for i, u := range d.uses {
		if u.count == 0 {
			names = append(names, d.Params[i])
		}
	}
	return names
}

// Discard makes calls of the function good for anything, because it has a fault
// that is already reported.
func (d *Definition) Discard() { d.broken = true }

// Check returns the faults that the body has whatever the arguments are. After
// faults, the calls of the function have none that follow from them.
func (d *Definition) Check(scope Scope) []Fault {
	if d.tree == nil {
		return nil
	}
	r := newResolver(d.src, bodyScope(&scope))
	r.varies = true
	for _, name := range d.Params {
		r.params = append(r.params, binding{name: name, node: anything(0)})
	}
	r.resolve(d.tree)
	d.broken = d.broken || len(r.faults) > 0
	return sorted(r.faults)
}

// bodyScope is what the body of a function may name: what the whole mapping has,
// and nothing of the place of the call.
func bodyScope(s *Scope) *Scope {
	inner := *s
	inner.Elements, inner.Hidden, inner.AnyElement = nil, nil, false
	inner.Arguments, inner.body = nil, true
	return &inner
}

// anything stands for a value of which nothing is known when the mapping is
// compiled.
func anything(at int) *node { return &node{op: opDelayed, index: -1, kinds: Any, at: at} }

// inline puts the body of a function in place of a call.
func (r *resolver) inline(d *Definition, args []ast.Node, at int) *node {
	r.calls(d.Name)
	if len(args) != len(d.Params) || d.broken {
		for _, arg := range args {
			r.aside(arg)
		}
		r.varies = true
		if len(args) != len(d.Params) {
			r.faultf(at, "%s takes %s, not %d", d.Signature(), arguments(len(d.Params)), len(args))
		}
		return anything(at)
	}
	body := &frame{scope: bodyScope(r.scope), src: d.src, fixed: at, written: Place{Function: d}}
	var delays []*node
	for i, name := range d.Params {
		b, delay := r.bind(name, d.uses[i], args[i], r.frame)
		body.params = append(body.params, b)
		if delay != nil {
			delays = append(delays, delay)
		}
	}
	r.inlining = append(r.inlining, inlined{d.Name, at})
	n := r.within(body, d.tree)
	r.inlining = r.inlining[:len(r.inlining)-1]
	return delayed(delays, n)
}

// bind decides how an argument is put in place of a parameter. What is used in several
// places and is more than a name is evaluated once, at its first use; so is what is
// used for each item of a list. Then bind returns the node that delays it, too.
func (r *resolver) bind(name string, u use, arg ast.Node, from *frame) (b binding, delay *node) {
	in := binding{name: name, tree: arg, from: from}
	switch {
	case u.count == 0:
		outer := r.frame
		r.frame = from
		r.aside(arg)
		r.frame = outer
		return in, nil
	case from.simple(arg) && !(u.inLoop && from.looksAtItem(arg)), u.count == 1 && !u.inLoop:
		return in, nil
	}
	r.catching++ // it may be used where its failure has an answer
	value := r.within(from, arg)
	r.catching--
	if value.op == opConst {
		return binding{name: name, node: value}, nil
	}
	delay = &node{op: opDelay, index: r.delayed, args: []*node{value, nil}, at: value.at}
	r.delayed++
	return binding{name: name, node: &node{op: opDelayed, index: delay.index, bound: value, plus: value.joined(), kinds: value.kinds}}, delay
}

// delayed puts arguments that are evaluated once around the tree that uses them.
func delayed(delays []*node, n *node) *node {
	for i := len(delays) - 1; i >= 0; i-- {
		d := delays[i]
		d.args[1], d.kinds = n, n.kinds
		n = d
	}
	return n
}

// argument resolves a use of a parameter, with the steps behind it. A path with
// them is one path.
func (r *resolver) argument(b *binding, steps []step, at int) *node {
	if b.tree == nil {
		n := *b.node
		n.at = at
		r.varies = r.varies || n.op == opDelayed && n.index < 0
		return r.members(&n, steps)
	}
	base, inner := b.from.unchain(b.tree)
	outer := r.frame
	r.frame = b.from
	defer func() { r.frame = outer }()
	return r.link(base, append(inner, steps...))
}

// calls notes a function of the mapping's own.
func (r *resolver) calls(name string) {
	for _, have := range r.program.Functions {
		if have == name {
			return
		}
	}
	r.program.Functions = append(r.program.Functions, name)
}

// inlined is a call whose body is being put in place.
type inlined struct {
	function string
	at       int
}

// tooManyNodes reports an expression that is too large, or becomes so by the
// bodies of functions.
func (r *resolver) tooManyNodes() {
	f := Fault{Message: fmt.Sprintf("the expression has more than %d parts; split it into several `let`", maxNodes)}
	if len(r.inlining) > 0 {
		call := r.inlining[0]
		f = Fault{Offset: call.at, Message: fmt.Sprintf(
			"the expression has more than %d parts with function `%s` in place of its calls; split it into several `let`, or shorten the function", maxPlaced, call.function)}
	}
	r.faults = append(r.faults, f)
}
