package expression

import (
	"math"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/spelling"
)

// chain resolves a name with the steps after it: a.b["c"][0].d. The constant
// steps become part of a path, or look up data; the rest are calls.
func (r *resolver) chain(n ast.Node) *node {
	return r.link(r.unchain(n))
}

func (r *resolver) link(base ast.Node, steps []step) *node {
	at, outer := r.at(base), r.linked
	r.linked = r.place(base)
	defer func() { r.linked = outer }()
	name, ok := base.(*ast.IdentifierNode)
	if !ok {
		if n := r.behind(r.pathsOf(base, nil), steps, at); n != nil {
			return n
		}
		return r.members(r.resolve(base), steps)
	}
	if v, ok := r.variable(name.Value); ok {
		return r.members(&node{op: opVar, index: v.index, plus: v.plus, kinds: v.kinds, at: at}, steps)
	}
	if b := r.bound(name.Value); b != nil {
		return r.argument(b, steps, at)
	}
	return r.named(name.Value, steps, at)
}

// named resolves a name that the whole mapping has, or a field of the alert.
func (r *resolver) named(name string, steps []step, at int) *node {
	if why := r.scope.later(name); why != "" {
		return r.fault(at, why)
	}
	if i := slices.Index(r.scope.Lets, name); i >= 0 {
		if n := r.behind(r.scope.alias(i), steps, at); n != nil {
			r.program.Paths = append(r.program.Paths, i)
			return n
		}
		r.program.Lets = append(r.program.Lets, i)
		let := &node{op: opLet, index: i, inPlace: r.inPlace(i), kinds: Any, at: at}
		if r.scope.sum(i) != "" {
			let.plus = let
		}
		return r.members(let, steps)
	}
	if i := slices.Index(r.scope.Elements, name); i >= 0 && name != "" {
		return r.element(i, steps, at)
	}
	switch name {
	case "alert":
		return r.path(nil, steps, at)
	case "$env":
		return r.fault(at, "there is no `$env`; the whole alert is `alert`")
	case "line":
		r.program.Line = true
		return r.members(&node{op: opLine, kinds: Text, at: at}, steps)
	case "settings":
		return r.setting(steps, at)
	case "tables":
		return r.table(steps, at)
	case "it", "index":
		return r.innermost(name, steps, at)
	}
	if name == r.scope.Self {
		return r.faultf(at, "let %s cannot use itself; for the alert's own field write alert.%s", name, name)
	}
	if slices.Contains(r.scope.Hidden, name) {
		return r.faultf(at, "`%s` names an element of a $each around the part: give it to the part as an argument; for the alert's own field write alert.%s", name, name)
	}
	return r.path(alert.Path{{Name: name}}, steps, at)
}

// innermost resolves `it` and `index`, which are about the innermost $each.
func (r *resolver) innermost(name string, steps []step, at int) *node {
	last := len(r.scope.Elements) - 1
	switch {
	case last < 0 && r.scope.AnyElement:
		r.varies = true
		return r.members(anything(at), steps)
	case last < 0 && r.scope.body:
		return r.faultf(at, "`%s` has no value in a function; give it to the function as an argument", name)
	case last < 0:
		return r.faultf(at, "`%s` has a value only inside $each; for the alert's own field write alert.%s", name, name)
	case name == "it":
		return r.element(last, steps, at)
	}
	r.program.Index = true
	return r.members(&node{op: opPosition, index: last, kinds: Int, at: at}, steps)
}

func (r *resolver) element(i int, steps []step, at int) *node {
	r.program.Elements = append(r.program.Elements, i)
	return r.members(&node{op: opElement, index: i, kinds: Any, at: at}, steps)
}

// step is one step of a chain, with the frame of the names in it.
type step struct {
	property ast.Node
	frame    *frame
	at       int
}

// unchain takes a chain apart into its base and its steps, in order.
func (f *frame) unchain(n ast.Node) (base ast.Node, steps []step) {
	for {
		switch m := n.(type) {
		case *ast.MemberNode:
			steps = append(steps, step{m.Property, f, f.at(m)})
			n = m.Node
			continue
		case *ast.ChainNode:
			n = m.Node
			continue
		}
		slices.Reverse(steps)
		return n, steps
	}
}

// path extends p by the constant steps.
func (r *resolver) path(p alert.Path, steps []step, at int) *node {
	for len(steps) > 0 {
		s, ok := steps[0].constant()
		if !ok {
			break
		}
		p = append(p, s)
		steps = steps[1:]
	}
	index := slices.IndexFunc(r.program.Reads, func(have alert.Path) bool { return slices.Equal(have, p) })
	if index < 0 {
		index = len(r.program.Reads)
		r.program.Reads = append(r.program.Reads, p)
		r.program.places = append(r.program.places, r.linked)
	}
	kinds := Any
	if len(p) == 0 {
		kinds = Object
	}
	return r.members(&node{op: opPath, index: index, kinds: kinds, at: at}, steps)
}

// constant returns a step that is the same for all alerts.
func (s step) constant() (alert.Step, bool) {
	property, _ := s.frame.follow(s.property)
	switch n := property.(type) {
	case *ast.StringNode:
		return alert.Step{Name: n.Value}, true
	case *ast.IntegerNode:
		return alert.Step{Index: n.Value, IsIndex: true}, n.Value >= 0 && n.Value <= math.MaxInt32
	}
	return alert.Step{}, false
}

// table resolves tables.NAME. It checks the name, but not the keys after it:
// looking for a missing key is what tables are for.
func (r *resolver) table(steps []step, at int) *node {
	if len(steps) > 0 {
		property, from := steps[0].frame.follow(steps[0].property)
		if name, ok := property.(*ast.StringNode); ok {
			table, ok := r.scope.Tables.Member(name.Value)
			if !ok {
				return r.noTable(name.Value, from.at(name))
			}
			r.program.Tables = append(r.program.Tables, name.Value)
			base := constant(table, at)
			base.table = name.Value
			return r.members(base, steps[1:])
		}
	}
	if len(r.scope.Tables.Members()) == 0 {
		return r.unknownName(at, "tables", "", "the mapping has no `tables`; for the alert's own field write alert.tables")
	}
	r.program.Tables = append(r.program.Tables, "")
	return r.members(constant(r.scope.Tables, at), steps)
}

// setting resolves settings.NAME to its value, which is the same for every alert.
func (r *resolver) setting(steps []step, at int) *node {
	all := r.scope.Settings.Members()
	const none = "the mapping has no `settings`; for the alert's own field write alert.settings"
	if len(steps) > 0 {
		property, from := steps[0].frame.follow(steps[0].property)
		if name, ok := property.(*ast.StringNode); ok {
			if len(all) == 0 {
				return r.unknownName(at, name.Value, "", none)
			}
			value, ok := r.scope.Settings.Member(name.Value)
			if !ok {
				return r.noSetting(name.Value, from.at(name), all)
			}
			r.program.Settings = append(r.program.Settings, name.Value)
			return r.members(constant(value, at), steps[1:])
		}
	}
	if len(all) == 0 {
		return r.unknownName(at, "settings", "", none)
	}
	return r.fault(at, "`settings` is followed by the name of a setting: settings."+all[0].Name)
}

func (r *resolver) noSetting(name string, at int, all []alert.Member) *node {
	var names []string
	for _, m := range all {
		names = append(names, m.Name)
	}
	if close := spelling.Nearest(name, names); close != "" {
		return r.unknownName(at, name, close, "there is no setting `%s`; did you mean `%s`?", name, close)
	}
	return r.unknownName(at, name, "", "there is no setting `%s`; define it with its default under `settings`", name)
}

func (r *resolver) noTable(name string, at int) *node {
	var names []string
	for _, m := range r.scope.Tables.Members() {
		names = append(names, m.Name)
	}
	if close := spelling.Nearest(name, names); close != "" {
		return r.unknownName(at, name, close, "there is no table `%s`; did you mean `%s`?", name, close)
	}
	return r.unknownName(at, name, "", "there is no table `%s`; define it under `tables`", name)
}

// members makes a call for each step.
func (r *resolver) members(n *node, steps []step) *node {
	for _, s := range steps {
		n = r.apply(&function.Member, []*node{n, r.within(s.frame, s.property)}, s.at)
	}
	return n
}
