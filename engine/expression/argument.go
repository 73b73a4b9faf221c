package expression

import "github.com/expr-lang/expr/ast"

// Argument is the value of a parameter of the piece of a mapping that an
// expression belongs to.
type Argument struct {
	Name  string
	Value *Bound
}

// Bound is an argument with what its text may name.
type Bound struct {
	src    source
	tree   ast.Node
	scope  Scope
	opaque bool
}

// Unknown is an argument of which nothing is known.
var Unknown = &Bound{opaque: true}

// Bind compiles the text of an argument where it is written. After faults, uses of
// it have none that follow from them.
func Bind(text string, scope Scope) (*Bound, []Fault) {
	p := scope.Trees.of(text)
	if p.fault != nil {
		return Unknown, []Fault{*p.fault}
	}
	b := &Bound{src: p.src, tree: p.tree, scope: scope}
	_, faults := Compile(text, scope)
	b.opaque = len(faults) > 0
	return b, faults
}

// bindArguments lets the arguments of the scope stand for parameters in a tree. It
// returns the nodes that delay those which are evaluated once.
func (r *resolver) bindArguments(tree ast.Node) (delays []*node) {
	if len(r.scope.Arguments) == 0 {
		return nil
	}
	names := make([]string, len(r.scope.Arguments))
	for i, a := range r.scope.Arguments {
		names[i] = a.Name
	}
	uses, _ := usesOf(r.src, tree, names)
	for i, a := range r.scope.Arguments {
		if uses[i].count > 0 {
			r.program.Arguments = append(r.program.Arguments, i)
		}
		switch {
		case uses[i].count == 0: // its faults are not those of this expression
		case a.Value.opaque:
			r.varies = true
			r.params = append(r.params, binding{name: a.Name, node: anything(0)})
		default:
			b, delay := r.bind(a.Name, uses[i], a.Value.tree, r.frameOf(a.Value, uses[i].first))
			r.params = append(r.params, b)
			if delay != nil {
				delays = append(delays, delay)
			}
		}
	}
	return delays
}

// frameOf is where the names in an argument are looked up. Its nodes stand where the
// expression first uses it. Arguments that share others share their frames, so that
// there are no more of them than arguments.
func (r *resolver) frameOf(b *Bound, at int) *frame {
	if f := r.frames[b]; f != nil {
		return f
	}
	f := &frame{scope: &b.scope, src: b.src, fixed: at, written: Place{Argument: b}}
	if r.frames == nil {
		r.frames = map[*Bound]*frame{}
	}
	r.frames[b] = f
	for _, outer := range b.scope.Arguments {
		in := binding{name: outer.Name, node: anything(at)}
		if !outer.Value.opaque {
			in.tree, in.from = outer.Value.tree, r.frameOf(outer.Value, at)
		}
		f.params = append(f.params, in)
	}
	return f
}
