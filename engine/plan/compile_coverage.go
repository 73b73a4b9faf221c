package plan

import (
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// coverage checks that the mapping has what the class or object requires, and
// notes the requirement, which every event is checked against.
func (c *compiler) coverage(b *body, pos syntax.Pos) {
	for i := range b.shape.attributes {
		a := &b.shape.attributes[i]
		if a.Requirement != ocsf.Required || !a.Applies(c.profiles) || c.follows(a) {
			continue
		}
		if f := b.field(a.Name); f != nil {
			b.requires.required = append(b.requires.required, f)
			continue
		}
		switch {
		case b.excuses(a.Name):
		case !isDerived(b.path, a.Name):
			how := "add it"
			if b.path == "" && c.m.Extends {
				how += ", or begin the event with `$part: event`, that of the mapping that this one extends"
			}
			c.faults.Add(pos, "%s requires `%s` (%s): %s", b.shape.name, a.Name, a.TypeName(), how)
		case a.Name == "type_uid" && !b.requiresActivity():
			c.faults.Add(pos, "%s requires `type_uid`, which follows from `activity_id`: add `activity_id`", b.shape.name)
		}
	}
	b.requires.atLeastOne = c.constraint(b, pos, "at least one of", b.shape.constraint.AtLeastOne)
	b.requires.justOne = c.constraint(b, pos, "exactly one of", b.shape.constraint.JustOne)
}

// requiresActivity reports whether activity_id is missed itself, or not known to be
// missing.
func (b *body) requiresActivity() bool {
	a := b.shape.attribute("activity_id")
	return a == nil || a.Requirement == ocsf.Required || b.excuses(a.Name)
}

// excuses reports whether an attribute may be missing because of a fault that is
// already reported.
func (b *body) excuses(name string) bool { return b.broken || slices.Contains(b.misspelt, name) }

// constraint resolves the names of a constraint to fields. A name may be a dotted
// path into nested objects.
func (c *compiler) constraint(b *body, pos syntax.Pos, words string, names []string) []*ocsf.Field {
	var found []*ocsf.Field
	for _, name := range names {
		if f := fieldAt(*b.all, name); f != nil {
			found = append(found, f)
		}
	}
	if len(names) > 0 && len(found) == 0 && !slices.ContainsFunc(names, b.excuses) {
		c.faults.Add(pos, "%s requires %s %s: add one", b.shape.name, words, quotedList(names))
	}
	return found
}

func quotedList(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

func fieldAt(fields []*ocsf.Field, path string) *ocsf.Field {
	name, rest, nested := strings.Cut(path, ".")
	for _, f := range fields {
		switch {
		case f.Name != name:
		case !nested:
			return f
		case !f.List:
			return fieldAt(f.Children, rest)
		}
	}
	return nil
}

// layout builds the event's layout; it returns nil if there are faults, also those
// of the parser.
func (c *compiler) layout(fields []*ocsf.Field) *ocsf.Layout {
	if len(c.faults) > 0 || c.unread {
		return nil
	}
	l, err := ocsf.NewLayout(c.schema, c.class, fields)
	if err != nil {
		c.faults.Add(c.m.Event.Pos, "%v", err)
		return nil
	}
	return l
}

// plan puts the finished parts together. Without a layout the plan drops what it
// takes.
func (c *compiler) plan(l *ocsf.Layout, when *program) *Plan {
	if c.profilesField != nil {
		c.steps = append(c.steps, step{op: opProfiles, field: c.profilesField})
	}
	if c.observing != nil {
		c.steps = append(c.steps, step{op: opObservables, field: c.observing.field})
	}
	if c.kept != nil {
		c.steps = append(c.steps, *c.kept)
	}
	p := &Plan{
		Name: c.m.Name.Value, Pos: c.m.Name.Pos, File: c.m.File, Source: c.m.Source.Value, Priority: c.m.Priority,
		Also: c.m.Also, AlsoPos: c.m.AlsoPos, OtherwiseNext: c.m.OtherwiseNext, OtherwisePos: c.m.OtherwisePos,
		Layout: l, KeepsOriginals: c.kept != nil, options: c.options, steps: c.steps, root: c.root,
		Reading: alert.Reading{Wants: c.wants, Rest: c.rest}, gate: &block{when: when}, targets: c.targets, guestSet: c.guestSet,
		Settings:    c.given,
		observables: c.observables(l), profiles: c.follow, decidingOrder: c.decidingOrder(),
	}
	p.options.Shared = nil // the trees of all expressions
	p.lets = c.neededLets()
	for i := range c.m.Functions {
		f := &c.m.Functions[i]
		p.functions = append(p.functions, definition{f.Name, Defined{f.Signature(), f.Pos, "=" + f.Body.Text}})
	}
	if len(c.m.Absent) > 0 {
		p.absent = alert.NewAbsent(c.m.Absent)
	}
	p.late = lateFields(p.steps)
	p.findUnits(0, len(p.steps))
	p.remember(p.gate)
	p.findGroups()
	p.numberAttributes()
	for _, w := range c.wants {
		p.paths = append(p.paths, pathText(w.Path))
	}
	return p
}

// numberAttributes numbers the attributes that targets have, each once.
func (p *Plan) numberAttributes() {
	numbers := map[string]int{}
	for _, t := range p.targets {
		n, ok := numbers[t.Attribute]
		if !ok {
			n = len(p.Attributes)
			numbers[t.Attribute] = n
			p.Attributes = append(p.Attributes, t.Attribute)
		}
		t.number = n
	}
}

// lastCell returns the last cell of a field and of its children in the same
// record.
func lastCell(f *ocsf.Field) int {
	last := f.Cell
	if f.List {
		return last
	}
	for _, child := range f.Children {
		last = max(last, lastCell(child))
	}
	return last
}
