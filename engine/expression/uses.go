package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// use is how a tree uses a parameter.
type use struct {
	count  int
	inLoop bool // for each item of a list
	first  int  // offset of the first
}

// usesOf returns how a tree uses parameters, and which functions it calls that
// not every expression has. For a tree that is too large it need not see
// all: such a tree has a fault.
func usesOf(src source, tree ast.Node, params []string) (uses []use, calls []string) {
	w := &useCounter{src: src, params: params, uses: make([]use, len(params)), left: maxPlaced}
	w.walk(tree, false)
	return w.uses, w.calls
}

// Uses returns which of some names an expression uses, as their positions, and which functions it
// calls that not every expression has. Of text with a fault it need not see all.
func Uses(text string, names []string, trees Trees) (used []int, calls []string) {
	p := trees.of(text)
	if p.fault != nil {
		return nil, nil
	}
	uses, calls := usesOf(p.src, p.tree, names)
	return positions(uses), calls
}

// Uses returns which of some names the body uses that are not its parameters, as their positions.
func (d *Definition) Uses(names []string) []int {
	if d.tree == nil {
		return nil
	}
	uses, _ := usesOf(d.src, d.tree, names)
	return slices.DeleteFunc(positions(uses), func(i int) bool { return slices.Contains(d.Params, names[i]) })
}

// positions returns those of the names that are used at all.
func positions(uses []use) (used []int) {
	for i, u := range uses {
		if u.count > 0 {
			used = append(used, i)
		}
	}
	return used
}

type useCounter struct {
	src    source
	params []string
	hidden []string // variables around the node
	uses   []use
	calls  []string
	left   int // nodes to visit: some share children
}

func (w *useCounter) walk(n ast.Node, inLoop bool) {
	if w.left--; w.left < 0 {
		return
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		w.name(n, inLoop)
		return
	case *ast.PredicateNode:
		inLoop = true
	case *ast.VariableDeclaratorNode:
		w.walk(n.Value, inLoop)
		w.hidden = append(w.hidden, n.Name)
		w.walk(n.Expr, inLoop)
		w.hidden = w.hidden[:len(w.hidden)-1]
		return
	case *ast.CallNode:
		if name, ok := n.Callee.(*ast.IdentifierNode); ok && !isFunction(name.Value) && !slices.Contains(w.calls, name.Value) {
			w.calls = append(w.calls, name.Value)
		}
	}
	for _, child := range children(n) {
		w.walk(child, inLoop)
	}
}

func (w *useCounter) name(n *ast.IdentifierNode, inLoop bool) {
	i := slices.Index(w.params, n.Value)
	if i < 0 || slices.Contains(w.hidden, n.Value) {
		return
	}
	u := &w.uses[i]
	if u.count == 0 {
		u.first = w.src.offset(n.Location().From)
	}
	u.count++
	u.inLoop = u.inLoop || inLoop
}

// looksAtItem reports whether a tree may say anything of the item of a predicate
// around it.
func (f *frame) looksAtItem(n ast.Node) bool {
	left := maxPlaced
	var looks func(f *frame, n ast.Node) bool
	looks = func(f *frame, n ast.Node) bool {
		n, f = f.follow(n)
		if left--; left < 0 {
			return true
		}
		if _, ok := n.(*ast.PointerNode); ok {
			return true
		}
		return slices.ContainsFunc(children(n), func(child ast.Node) bool { return looks(f, child) })
	}
	return looks(f, n)
}

// children returns the nodes below a node, but for the name of a function.
func children(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		return slices.DeleteFunc([]ast.Node{n.Node, n.From, n.To}, func(n ast.Node) bool { return n == nil })
	case *ast.CallNode:
		return n.Arguments
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}
