package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// profile is one of the profiles that follow the data: an event lists it only if
// it has what the profile requires, and has none of its attributes otherwise.
type profile struct {
	name   string
	target *target // of its line in the mapping
	// requires are attributes of the class. Without any, one of the attributes at
	// the paths is enough.
	requires requirement
	paths    [][]*ocsf.Field
	// own are the steps of the attributes of the class that exist only with the
	// profile, if it requires some of them. They run first, and decide about its
	// attributes inside objects. fields are what they write.
	own    []int
	fields []*ocsf.Field
}

// decided reports whether the profile's own steps decide if events list it.
func (p *profile) decided() bool { return len(p.own) > 0 }

// followProfiles reads the head's list of profiles and returns their names.
func (c *compiler) followProfiles() []string {
	var names []string
	for _, t := range c.m.Profiles {
		facts, ok := c.schema.ProfileAttributes(c.class, t.Value)
		if !ok {
			c.noProfile(t.Pos, t.Value)
			continue
		}
		p := &profile{name: t.Value, target: c.target("metadata.profiles", t.Pos, nil)}
		p.target.Text, p.target.profile = t.Value, t.Value
		c.follow, c.followFacts = append(c.follow, p), append(c.followFacts, facts)
		names = append(names, t.Value)
	}
	return names
}

func (c *compiler) noProfile(at syntax.Pos, name string) {
	c.faults.Add(at, "class %s has no profile `%s`; it has %s%s", c.class.Name, name,
		strings.Join(c.class.Profiles, ", "), spelling.DidYouMean(name, c.class.Profiles))
	c.profilesBroken = true
}

// follows reports whether an event has the attribute only if it lists a profile
// that follows the data.
func (c *compiler) follows(a *ocsf.Attribute) bool { return len(c.follow) > 0 && len(a.Profiles) > 0 }

// deciding returns the number of the profile that requires something, and without
// which events do not have the attribute; -1 if there is none.
func (c *compiler) deciding(a *ocsf.Attribute) int {
	return slices.IndexFunc(c.follow, func(p *profile) bool {
		facts := &c.followFacts[slices.Index(c.follow, p)]
		return slices.Contains(a.Profiles, p.name) && len(facts.Required) > 0
	})
}

// ofProfile wraps the steps of an attribute, until end is called, if it depends on
// a profile whether the event may have it.
func (c *compiler) ofProfile(b *body, field *ocsf.Field, f syntax.Field) (end func()) {
	number := c.deciding(field.Attribute)
	if number < 0 {
		return func() {}
	}
	at, p := len(c.steps), c.follow[number]
	rule := &target{Rule: Rule{Pos: f.Pos, Attribute: join(b.path, f.Name), Text: nodeText(f.Value)}, field: field}
	if f.Value != nil {
		rule.Pos = f.Value.Pos
	}
	c.steps = append(c.steps, step{op: opProfile, field: field, target: rule, block: &block{profile: number}})
	own, fields := b.path == "", len(b.fields)
	if own {
		p.own, p.fields = append(p.own, at), append(p.fields, field)
		c.steps[at].block.own = true
	}
	return func() {
		if own {
			p.fields = append(p.fields, b.fields[fields:]...) // its id, its NAME_dt
		}
		c.steps[at].block.end = len(c.steps)
		for _, s := range c.steps[at:] {
			if s.target != nil {
				p.target.reads = appendNew(p.target.reads, s.target.reads...)
			}
		}
	}
}

// datetime adds NAME_dt beside a time, unless the mapping gives it.
func (c *compiler) datetime(b *body, n *syntax.Node, field *ocsf.Field) {
	if !slices.ContainsFunc(c.follow, func(p *profile) bool { return p.name == "datetime" }) {
		return
	}
	a := field.Attribute
	dt := b.shape.attribute(a.Name + "_dt")
	if a.Type == nil || a.Type.Kind != ocsf.Timestamp || a.Array || dt == nil || dt.Type == nil || dt.Type.Kind != ocsf.Datetime || hasField(n, dt.Name) {
		return
	}
	c.steps = append(c.steps, step{op: opDatetime, field: b.fieldOf(dt), from: field})
}

// listed adds metadata.profiles, which lists the profiles that follow the data.
func (c *compiler) listed(b *body) {
	a := b.shape.attribute("profiles")
	if len(c.follow) == 0 || a == nil {
		return
	}
	if n, ok := b.given["profiles"]; ok && n != nil {
		c.faults.Add(n.Pos, "`metadata.profiles` and `profiles` in the head are both given: keep `profiles`, whose profiles follow the data, or `metadata.profiles`, which every event lists as it stands")
		return
	}
	c.profilesField = b.add(a)
}

// profileNeeds finds what decides whether an event lists each profile, once all
// rules are compiled.
func (c *compiler) profileNeeds(fields []*ocsf.Field) {
	for i, p := range c.follow {
		facts := &c.followFacts[i]
		exists := func(a *ocsf.Attribute) bool { return slices.Contains(a.Profiles, p.name) }
		if !facts.Nested && !slices.ContainsFunc(slices.Concat(facts.Required, facts.Optional), exists) {
			exists = func(a *ocsf.Attribute) bool {
				return slices.Contains(facts.Required, a) || slices.Contains(facts.Optional, a)
			}
		}
		p.paths = profilePaths(nil, nil, fields, exists)
		slices.SortStableFunc(p.paths, func(a, b []*ocsf.Field) int { return cmp.Compare(len(a), len(b)) })
		for _, a := range facts.Required {
			if f := fieldAt(fields, a.Name); f != nil {
				p.requires.required = append(p.requires.required, f)
			} else if len(p.paths) > 0 && c.follows(a) {
				c.faults.Add(p.target.Pos, "the profile `%s` requires `%s`, and without it no event has the attributes of the profile: add it to `event`, or remove the profile", p.name, a.Name)
			}
		}
	}
}

// profilePaths appends the paths of the fields that exist only with a profile.
func profilePaths(all [][]*ocsf.Field, at, fields []*ocsf.Field, exists func(*ocsf.Attribute) bool) [][]*ocsf.Field {
	for _, f := range fields {
		here := append(slices.Clone(at), f)
		if exists(f.Attribute) {
			all = append(all, here)
		}
		all = profilePaths(all, here, f.Children, exists)
	}
	return all
}

// decidingOrder lists the profiles that their own steps decide. Those that have
// attributes inside objects come first, because these may be in the attributes of
// the others.
func (c *compiler) decidingOrder() []int {
	var order []int
	for _, nested := range []bool{true, false} {
		for i, p := range c.follow {
			if p.decided() && c.followFacts[i].Nested == nested {
				order = append(order, i)
			}
		}
	}
	return order
}
