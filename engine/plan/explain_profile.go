package plan

import (
	"fmt"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
)

// begin is where the entries of what follows begin.
func (t *trace) begin() int {
	if t == nil {
		return 0
	}
	return len(t.out.Attributes)
}

// hold keeps the entries of a profile's attribute, which is written first, for its
// place in the mapping.
func (t *trace) hold(at, begun int) {
	if t == nil {
		return
	}
	t.held[at] = slices.Clone(t.out.Attributes[begun:])
	t.out.Attributes = t.out.Attributes[:begun]
}

// place adds the held entries at their place.
func (t *trace) place(at int) {
	if t != nil {
		t.out.Attributes = append(t.out.Attributes, t.held[at]...)
	}
}

// withdraw records that the attributes of a profile are not written.
func (t *trace) withdraw(p *profile, lacks lack) {
	if t == nil {
		return
	}
	for _, at := range p.own {
		for i := range t.held[at] {
			if a := &t.held[at][i]; a.Value != "" {
				a.Lost, a.Value = a.Value, ""
				a.Absent = "left out with the profile `" + p.name + "`, which requires " + lacks.String()
			}
		}
	}
}

// unlisted records an attribute inside an object whose profile the event lacks.
func (t *trace) unlisted(s *step, p *profile) {
	if t == nil {
		return
	}
	t.add(Attribute{Path: join(t.at, s.field.Name), Rule: &s.target.Rule, Absent: "the event does not have the profile `" + p.name + "`"})
}

// listed records whether the event lists a profile.
func (t *trace) listed(s *step, p *profile, position int, has bool) {
	if t == nil {
		return
	}
	a := Attribute{Path: "metadata.profiles[]", Rule: &p.target.Rule}
	switch {
	case has:
		a.Path, a.Value = fmt.Sprintf("metadata.profiles[%d]", position), `"`+p.name+`"`
	case len(p.requires.required) > 0:
		a.Absent = "the profile requires " + fieldNames(p.requires.required) + ", and the event lacks one of them"
		if len(p.requires.required) == 1 {
			a.Absent = "the profile requires " + fieldNames(p.requires.required) + ", which the event lacks"
		}
	default:
		a.Absent = "the event has none of the attributes of the profile"
	}
	t.add(a)
}

// inside is the path of an attribute, or of an item of a list at an index that is
// not below 0; "" without an explanation.
func (t *trace) inside(at, name string, index int) string {
	if t == nil {
		return ""
	}
	path := join(at, name)
	if index >= 0 {
		path = fmt.Sprintf("%s[%d]", path, index)
	}
	return path
}

// observed records an observable, with the rule of the attribute that it is made
// of.
func (t *trace) observed(o *observer, a *observed, value, at string) {
	if t == nil {
		return
	}
	entry := Attribute{Path: fmt.Sprintf("observables[%d]", len(o.list.Items)-1), Rule: a.rule, Derived: "`" + at + "`"}
	for i := range t.out.Attributes {
		if source := &t.out.Attributes[i]; source.Path == at && source.Value != "" && source.Rule != nil {
			entry.Rule = source.Rule
		}
	}
	members := []alert.Member{{Name: "name", Value: alert.OfText(a.name)}, {Name: "type_id", Value: alert.OfInt(a.id)}, {Name: "type", Value: alert.OfText(a.caption)}}
	if a.field.Attribute.Object == nil {
		members = append(members, alert.Member{Name: "value", Value: alert.OfText(value)})
	}
	entry.Value = t.text(alert.OfObject(members))
	t.add(entry)
}
