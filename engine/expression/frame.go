package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// frame is where names are looked up while a tree is resolved: the expression
// itself, the body of a function that is put in place of a call, or an argument
// in such a body.
type frame struct {
	scope     *Scope
	src       source
	params    []binding  // they hide everything but variables
	variables []variable // of its own `let`, innermost last
	predicate []string   // names of the enclosing predicates, innermost last
	written   Place      // the text, at offset 0
	// fixed is where its nodes stand in the text of the expression if they are from
	// another text, else -1.
	fixed int
}

// at returns the place of a node in the text of the expression.
func (f *frame) at(n ast.Node) int {
	if f.fixed >= 0 {
		return f.fixed
	}
	return f.src.offset(n.Location().From)
}

func (f *frame) variable(name string) (variable, bool) {
	for _, v := range slices.Backward(f.variables) {
		if v.name == name {
			return v, true
		}
	}
	return variable{}, false
}

// bound returns the binding of a parameter; nil if the name is not a parameter.
func (f *frame) bound(name string) *binding {
	for i := range f.params {
		if f.params[i].name == name {
			return &f.params[i]
		}
	}
	return nil
}

// binding is the value of a parameter: an argument that is put in place of each
// use, or else a node that all uses share.
type binding struct {
	name string
	tree ast.Node // nil: node counts
	from *frame   // of the tree
	node *node
}

// follow returns what a name stands for if it is a parameter whose argument is put
// in its place; any other node as it is.
func (f *frame) follow(n ast.Node) (ast.Node, *frame) {
	for {
		name, ok := n.(*ast.IdentifierNode)
		if !ok {
			return n, f
		}
		if _, hidden := f.variable(name.Value); hidden {
			return n, f
		}
		b := f.bound(name.Value)
		if b == nil || b.tree == nil {
			return n, f
		}
		n, f = b.tree, b.from
	}
}

// simple reports whether an argument may be evaluated at each use: a constant, a
// name, a chain of constant steps behind one, or `??` of paths.
func (f *frame) simple(n ast.Node) bool {
	if f.pathsOf(n, nil) != nil {
		return true
	}
	n, f = f.follow(n)
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.PointerNode:
		return true
	case *ast.ChainNode:
		return f.simple(n.Node)
	case *ast.MemberNode:
		_, ok := step{n.Property, f, 0}.constant()
		return ok && f.simple(n.Node)
	}
	return literal(n)
}

// literal reports whether a tree consists of constants as they are written.
func literal(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return true
	case *ast.UnaryNode:
		return literal(n.Node)
	case *ast.ArrayNode:
		return !slices.ContainsFunc(n.Nodes, func(item ast.Node) bool { return !literal(item) })
	}
	return false
}

// within resolves a tree in another frame.
func (r *resolver) within(f *frame, n ast.Node) *node {
	outer := r.frame
	r.frame = f
	defer func() { r.frame = outer }()
	return r.resolve(n)
}

// aside resolves a tree for its faults only: what it reads is not read.
func (r *resolver) aside(n ast.Node) {
	program, varies, delayed := *r.program, r.varies, r.delayed
	r.resolve(n)
	*r.program, r.varies, r.delayed = program, varies, delayed
}
