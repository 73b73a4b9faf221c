package plan

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Lint compiles a mapping as Compile does and then looks for likely mistakes.
// Alerts are the lines that the mapping is tested with: a field that none of them
// has is a finding; without alerts, fields are not checked. If there are faults,
// there is no Plan and there are no findings; nor are there any if the mapping is not
// whole, because the parser could not read all of it.
func Lint(m *syntax.Mapping, whole bool, o Options, alerts []string) (*Plan, syntax.Faults, syntax.Findings) {
	c := newCompiler(m, o)
	c.every = true
	p := c.compile()
	if p == nil {
		return nil, c.faults.Placed(), nil
	}
	if !whole {
		return p, nil, nil
	}
	l := &linter{compiler: c}
	l.lets()
	if !p.Drops() {
		l.head(p)
		top := shape{c.class.Name, c.class.Attributes, c.class.Constraint}
		l.body(top, m.Event, "", true)
		l.lost(p, alerts)
	}
	l.unused()
	l.unseen(p, alerts, l.unknown(p, alerts))
	return p, nil, l.found.Placed()
}

// linter walks the mapping again, with the results of the compiler.
type linter struct {
	*compiler
	unknowns int // fields so far that are not known
	found    syntax.Findings
	outcomes [][]expression.Outcome // of each let
	lacking  []bool                 // which lets may have no value
}

func (l *linter) warn(rule string, p syntax.Pos, format string, args ...any) {
	l.found.Add(syntax.Warning, rule, p, format, args...)
}

// lets determines what lets can give, each from those before it.
func (l *linter) lets() {
	for i, x := range l.compiler.lets {
		var outcomes []expression.Outcome
		lacking := false
		if p := x.program; p != nil {
			outcomes = p.Outcomes(l.outcomes)
			_, lacking = p.Lacks(l.lacking)
		} else if l.m.Let[i].Value.Scalar.Kind != syntax.Null {
			outcomes = []expression.Outcome{{Value: x.constant}}
		}
		l.outcomes, l.lacking = append(l.outcomes, outcomes), append(l.lacking, lacking)
	}
}

// successors are the classes that replace deprecated ones, if the schema has them.
var successors = map[string]string{
	"security_finding":             "detection_finding",
	"network_file_activity":        "file_hosting",
	"web_resource_access_activity": "web_resources_activity",
}

func (l *linter) head(p *Plan) {
	if v := l.class.Deprecated; v != "" {
		advice := ""
		if next := successors[l.class.Name]; next != "" {
			if _, ok := l.schema.Class(next); ok {
				advice = "; `" + next + "` takes its place"
			}
		}
		l.warn("deprecated", l.m.Class.Pos, "class `%s` is deprecated since OCSF %s%s", l.class.Name, v, advice)
	}
	for _, f := range l.follow {
		if len(f.paths) == 0 {
			l.warn("unmapped-profile", f.target.Pos, "no event lists the profile `%s`, because the mapping has none of its attributes: map some of them, or remove the profile", f.name)
		}
	}
	l.observables(p)
	if w := syntax.WarnSource(l.m.Source.Value); w != "" {
		l.warn("source-name", l.m.Source.Pos, "%s", w)
	}
}

// observables checks that `$from: event` finds something. What an included file
// names may be there for other mappings.
func (l *linter) observables(p *Plan) {
	o := l.observing
	if o == nil {
		return
	}
	if p.observables.count == 0 && o.from.Pos.File == l.m.File {
		l.warn("no-observable", o.from.Pos, "no attribute of the mapping makes an observable here: remove the line, or map one")
		return
	}
	for _, s := range slices.Concat(o.only, o.not) {
		if !s.used && s.Pos.File == l.m.File {
			l.warn("no-observable", s.Pos, "`%s` selects no attribute of the mapping that makes an observable: remove it", s.Value)
		}
	}
}

// body checks one object of the event. Needed means that the alert is rejected if
// the object is incomplete.
func (l *linter) body(s shape, n *syntax.Node, path string, needed bool) {
	for _, f := range n.Fields {
		a := s.attribute(f.Name)
		if a == nil || f.Value == nil {
			continue
		}
		here := join(path, f.Name)
		if a.Deprecated != "" {
			l.warn("deprecated", f.Pos, "`%s` is deprecated since OCSF %s", here, a.Deprecated)
		}
		if a.Object != nil && a.Object.Deprecated != "" && a.Requirement != ocsf.Required { // a required one leaves no choice
			l.warn("deprecated", f.Pos, "`%s` is the object %s, which is deprecated since OCSF %s", here, a.Object.Name, a.Object.Deprecated)
		}
		if isDerived(path, f.Name) {
			continue
		}
		required := a.Requirement == ocsf.Required && !l.follows(a)
		if id := s.idOf(a); id != nil && !hasField(n, id.Name) {
			required = required || id.Requirement == ocsf.Required && !l.follows(id)
			l.caption(id, f.Value, here)
		}
		l.attribute(a, f.Value, here, needed && required)
	}
	l.recommended(s, n, path)
}

func (l *linter) attribute(a *ocsf.Attribute, n *syntax.Node, path string, needed bool) {
	if needed {
		l.needed(n, path)
	}
	items := []*syntax.Node{n}
	if n.Kind == syntax.List {
		items = n.Items
	}
	for _, item := range items {
		switch {
		case item.Kind == syntax.Object && a.Object != nil:
			l.body(objectShape(a.Object), item, path, needed && !a.Array && item.When == nil)
		case item.Kind == syntax.Computed && len(a.Enum) > 0:
			l.enum(a, item.Expression, path)
		}
	}
}

// needed checks whether a required attribute may have no value.
func (l *linter) needed(n *syntax.Node, path string) {
	switch {
	case l.m.OtherwiseNext: // the next mapping is there for such alerts
	case n.Kind == syntax.Computed:
		if at, ok := l.lacks(n.Expression); ok {
			l.warn("may-be-absent", at, "`%s` is required, and an alert for which this returns nothing is rejected: add a fallback with `??`", path)
		}
	case n.Kind == syntax.Object && n.When != nil:
		l.warn("may-be-absent", n.When.Pos, "`%s` is required, and an alert for which this `$when` does not hold is rejected: remove it, or put the condition into `when`", path)
	case n.Kind == syntax.List && len(n.Items) > 0:
		var first syntax.Pos
		for _, item := range n.Items {
			if item.Kind != syntax.Computed {
				return
			}
			at, ok := l.lacks(item.Expression)
			if !ok {
				return
			}
			if first.Line == 0 {
				first = at
			}
		}
		l.warn("may-be-absent", first, "`%s` is required, and an alert for which no item has a value is rejected: add a fallback to one of them with `??`", path)
	}
}

func (l *linter) lacks(e *syntax.Expression) (syntax.Pos, bool) {
	at, ok := l.programs[e].Lacks(l.lacking)
	return e.At(at), ok
}

// recommended reports attributes that OCSF recommends and the mapping lacks.
func (l *linter) recommended(s shape, n *syntax.Node, path string) {
	var names []string
	for i := range s.attributes {
		a := &s.attributes[i]
		if a.Requirement != ocsf.Recommended || !a.Applies(l.profiles) || isDerived(path, a.Name) || l.given(s, n, a.Name) {
			continue
		}
		names = append(names, a.Name)
	}
	if len(names) == 0 {
		return
	}
	what := s.name
	if path != "" {
		what = "`" + path + "`"
	}
	l.found.Add(syntax.Note, "recommended", n.Pos, "%s could have %s, which OCSF recommends", what, quotedList(names))
}

// given reports whether the object names an attribute, the id whose caption it is,
// or the caption that gives it.
func (l *linter) given(s shape, n *syntax.Node, name string) bool {
	for _, f := range n.Fields {
		if f.Name == name {
			return true
		}
		a := s.attribute(f.Name)
		if a == nil {
			continue
		}
		if id := s.idOf(a); a.Sibling == name && len(a.Enum) > 0 || id != nil && id.Name == name {
			return true
		}
	}
	return false
}
