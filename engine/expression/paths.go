package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/alert"
)

// maxPaths bounds the paths that one name stands for.
const maxPaths = 16

// later returns why a let of that name cannot be used, or "".
func (s *Scope) later(name string) string {
	if s.Later == nil {
		return ""
	}
	return s.Later(name)
}

// alias returns the paths that a let stands for, nil if it stands for none.
func (s *Scope) alias(let int) []alert.Path {
	if let >= len(s.Aliases) {
		return nil
	}
	return s.Aliases[let]
}

// inPlace returns what an evaluation reads in place of a let that stands for paths; nil for
// any other let, and for one of too many paths: these it needs.
func (r *resolver) inPlace(let int) *node {
	paths := r.scope.alias(let)
	if paths == nil || len(paths) > maxPaths {
		r.program.Needs = append(r.program.Needs, let)
		return nil
	}
	all := make([]*node, len(paths))
	for i, p := range paths {
		all[i] = r.pathOfLet(p)
	}
	if len(all) == 1 {
		return all[0]
	}
	return &node{op: opCoalesce, args: all}
}

// pathOfLet reads a path of a let. Its index is that of the path in Program.OfLets, as its complement.
func (r *resolver) pathOfLet(p alert.Path) *node {
	index := slices.IndexFunc(r.program.OfLets, func(have alert.Path) bool { return slices.Equal(have, p) })
	if index < 0 {
		index = len(r.program.OfLets)
		r.program.OfLets = append(r.program.OfLets, p)
	}
	return &node{op: opPath, index: ^index}
}

// read returns which of the Reads and, behind them, the OfLets a path is.
func (p *Program) read(path *node) int {
	if path.index < 0 {
		return len(p.Reads) + ^path.index
	}
	return path.index
}

// behind resolves steps behind a path, or behind the first of several paths that
// has something in it. It returns nil if there are no paths or the first step is
// computed.
func (r *resolver) behind(paths []alert.Path, steps []step, at int) *node {
	if len(paths) == 0 || len(steps) == 0 {
		return nil
	}
	if _, ok := steps[0].constant(); !ok {
		return nil
	}
	last := len(paths) - 1
	n := r.path(slices.Clone(paths[last]), steps, at)
	for i := last - 1; i >= 0; i-- {
		there := &node{op: opPresent, args: []*node{r.path(slices.Clone(paths[i]), nil, at)}, kinds: Bool, at: at}
		inside := r.path(slices.Clone(paths[i]), steps, at)
		n = &node{op: opCond, args: []*node{there, inside, n}, kinds: inside.kinds | n.kinds, at: at}
	}
	return n
}

// pathsOf appends the paths that a tree stands for if it is `??` of paths, as an
// argument may be. For any other tree, and for too many paths, it returns nil.
func (f *frame) pathsOf(n ast.Node, dst []alert.Path) []alert.Path {
	n, f = f.follow(n)
	if b, ok := n.(*ast.BinaryNode); ok && b.Operator == "??" {
		if dst = f.pathsOf(b.Left, dst); dst == nil || len(dst) > maxPaths {
			return nil
		}
		return f.pathsOf(b.Right, dst)
	}
	base, steps := f.unchain(n)
	name, ok := base.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	var paths []alert.Path
	if tree, from := f.follow(base); tree != base {
		paths = from.pathsOf(tree, nil)
	} else {
		paths = f.pathsOfName(name.Value)
	}
	var path alert.Path
	for _, s := range steps {
		constant, ok := s.constant()
		if !ok {
			return nil
		}
		path = append(path, constant)
	}
	if len(paths) > 1 && len(path) > 0 {
		return nil // which of them counts is settled before the steps
	}
	for _, p := range paths {
		dst = append(dst, append(slices.Clone(p), path...))
	}
	if len(paths) == 0 {
		return nil
	}
	return dst
}

// pathsOfName returns the paths that a name stands for: a field of the alert, or a
// let that stands for some.
func (f *frame) pathsOfName(name string) []alert.Path {
	_, variable := f.variable(name)
	switch let := slices.Index(f.scope.Lets, name); {
	case variable || f.bound(name) != nil || f.scope.later(name) != "":
		return nil
	case let >= 0:
		return f.scope.alias(let)
	case name == "alert":
		return []alert.Path{nil}
	case slices.Contains(given, name), slices.Contains(f.scope.Elements, name), slices.Contains(f.scope.Hidden, name),
		name == f.scope.Self, name == "$env":
		return nil
	}
	return []alert.Path{{{Name: name}}}
}

// aliases appends the paths of a tree that is a path or `??` of paths.
func (r *resolver) aliases(dst []alert.Path, n *node) ([]alert.Path, bool) {
	switch {
	case n.op == opPath:
		return append(dst, r.program.Reads[n.index]), true
	case n.op == opLet && n.index < len(r.scope.Aliases) && r.scope.Aliases[n.index] != nil:
		return append(dst, r.scope.Aliases[n.index]...), true
	case n.op == opCoalesce:
		ok := true
		for i := 0; i < len(n.args) && ok; i++ {
			dst, ok = r.aliases(dst, n.args[i])
		}
		return dst, ok
	}
	return nil, false
}
