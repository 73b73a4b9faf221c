package ocsf

import "slices"

// ProfileAttributes is what one profile means for the events of one class. An
// event has what the profile requires when it has every attribute of Required
// or, where that is empty, one attribute of Optional or one attribute inside an
// object whose Profiles list the profile.
//
// The facts of 1.1.0 and 1.3.0 for three classes:
//
//	                  2004 detection_finding     3002 authentication    1007 process_activity
//	cloud             requires cloud; api        requires cloud; api    requires cloud; api
//	host              actor, device (optional)   device (optional)      requires actor, device
//	security_control  requires action_id; seven  not a profile of it    requires action_id; seven
//	datetime          NAME_dt (optional), at every depth, in all three
//	container         container, namespace_pid (optional), inside objects only, in all three
//
// Inside objects no attribute is required by a profile. process_activity has
// actor and device whatever the profiles, and requires both.
type ProfileAttributes struct {
	// Required and Optional (which includes the recommended ones) are attributes
	// of the class itself, ascending by name: those that exist only with the
	// profile. If neither the class nor an object in it has any, they are those
	// that the profile names and the class has anyway.
	Required, Optional []*Attribute
	// Nested reports whether objects inside the class have attributes that exist
	// only with the profile.
	Nested bool
}

// ProfileAttributes returns what a profile means for the events of class c of
// s, false if it is not a profile of the class.
func (s *Schema) ProfileAttributes(c *Class, profile string) (ProfileAttributes, bool) {
	if !slices.Contains(c.Profiles, profile) {
		return ProfileAttributes{}, false
	}
	var p ProfileAttributes
	p.Nested = nested(c.Attributes, profile, map[*Object]bool{})
	p.add(c.Attributes, func(a *Attribute) bool { return slices.Contains(a.Profiles, profile) })
	if p.Nested || len(p.Required)+len(p.Optional) > 0 {
		return p, true
	}
	i := slices.IndexFunc(s.Profiles, func(p Profile) bool { return p.Name == profile })
	if i >= 0 {
		p.add(c.Attributes, func(a *Attribute) bool { return slices.Contains(s.Profiles[i].Attributes, a.Name) })
	}
	return p, true
}

func (p *ProfileAttributes) add(list []Attribute, belongs func(*Attribute) bool) {
	for i := range list {
		a := &list[i]
		switch {
		case !belongs(a):
		case a.Requirement == Required:
			p.Required = append(p.Required, a)
		default:
			p.Optional = append(p.Optional, a)
		}
	}
}

// nested reports whether an object that the attributes lead to has an attribute
// of the profile. Objects can contain themselves; seen has those visited.
func nested(list []Attribute, profile string, seen map[*Object]bool) bool {
	for i := range list {
		o := list[i].Object
		if o == nil || seen[o] {
			continue
		}
		seen[o] = true
		own := slices.ContainsFunc(o.Attributes, func(a Attribute) bool { return slices.Contains(a.Profiles, profile) })
		if own || nested(o.Attributes, profile, seen) {
			return true
		}
	}
	return false
}
