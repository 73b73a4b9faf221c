package plan

import (
	"fmt"
	"slices"
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
func (t *trace) withdraw(p *profile, lacks string) {
	if t == nil {
		return
	}
	for _, at := range p.own {
		for i := range t.held[at] {
			if a := &t.held[at][i]; a.Value != "" {
				a.Lost, a.Value = a.Value, ""
				a.Absent = "left out with the profile `" + p.name + "`, which requires " + lacks
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
		a.Absent = "the profile requires " + requiredNames(&p.requires) + ", and the event lacks one of them"
		if len(p.requires.required) == 1 {
			a.Absent = "the profile requires " + requiredNames(&p.requires) + ", which the event lacks"
		}
	default:
		a.Absent = "the event has none of the attributes of the profile"
	}
	t.add(a)
}

func requiredNames(r *requirement) string { return fieldNames(r.required) }
