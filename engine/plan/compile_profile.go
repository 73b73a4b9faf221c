package plan

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// statedProfiles reads metadata.profiles before everything else, because profiles
// decide which attributes exist.
func (c *compiler) statedProfiles() []string {
	var out []string
	for _, f := range c.m.Event.Fields {
		if f.Name != "metadata" || f.Value == nil {
			continue
		}
		for _, g := range f.Value.Fields {
			if g.Name == "profiles" && g.Value != nil {
				out = append(out, c.profileNames(g.Value)...)
			}
		}
	}
	return out
}

func (c *compiler) profileNames(n *syntax.Node) []string {
	items := []*syntax.Node{n}
	if n.Kind == syntax.List {
		items = n.Items
	}
	var out []string
	for _, item := range items {
		if item.Kind != syntax.Constant {
			c.faults.Add(item.Pos, "`metadata.profiles` decides which attributes exist and must be a list of constants")
			c.profilesBroken = true
			continue
		}
		name := item.Scalar.Text
		if !slices.Contains(c.class.Profiles, name) {
			c.noProfile(item.Pos, name)
			continue
		}
		out = append(out, name)
	}
	return out
}
