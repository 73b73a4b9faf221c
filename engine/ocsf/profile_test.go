package ocsf

import (
	"slices"
	"strings"
	"testing"
)

// The table of the comment of ProfileAttributes, for every version.
func TestProfileAttributes(t *testing.T) {
	for _, c := range []struct {
		class, profile, required, optional string
		nested                             bool
	}{ // cloud is nested too where resource_details is, in some classes from 1.3.0 on
		{"2004", "cloud", "cloud", "api", true},
		{"2004", "host", "", "actor device", false},
		{"2004", "security_control", "action_id", "action attacks authorizations disposition disposition_id firewall_rule malware", false},
		{"2004", "container", "", "", true},
		{"3002", "cloud", "cloud", "api", false},
		{"3002", "host", "", "device", false},
		{"3002", "container", "", "", true},
		{"1007", "cloud", "cloud", "api", false},
		{"1007", "host", "actor device", "", false},
		{"1007", "security_control", "action_id", "action attacks authorizations disposition disposition_id firewall_rule malware", false},
		{"1007", "container", "", "", true},
		// group is an attribute of the class here, not the profile's of process.
		{"3006", "linux/linux_users", "", "", true},
	} {
		for _, s := range schemas(t) {
			class, _ := s.Class(c.class)
			p, ok := s.ProfileAttributes(class, c.profile)
			if !ok || namesOf(p.Required) != c.required || namesOf(p.Optional) != c.optional || p.Nested != c.nested && (c.profile != "cloud" || s.Version == "1.1.0") {
				t.Errorf("%s %s: %s: required %q, optional %q, nested %t (%t)", s.Version, c.class, c.profile,
					namesOf(p.Required), namesOf(p.Optional), p.Nested, ok)
			}
		}
	}
	for _, s := range schemas(t) {
		class, _ := s.Class("3002")
		for _, profile := range []string{"security_control", "hots", ""} {
			if _, ok := s.ProfileAttributes(class, profile); ok {
				t.Errorf("%s: class 3002 has the profile %q", s.Version, profile)
			}
		}
	}
}

func namesOf(list []*Attribute) string {
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.Name
	}
	return strings.Join(names, " ")
}

// Laws: what a profile requires is in its lists and nowhere else, no object's
// attribute is required by a profile, datetime has the times of the class and
// requires none; no attribute has two profiles; and of a class at most one profile
// that requires something has attributes inside objects, so that one profile can
// decide about them before the others.
func TestProfileLaws(t *testing.T) {
	for _, s := range schemas(t) {
		for i := range s.Classes {
			c := &s.Classes[i]
			nested := 0
			for _, profile := range c.Profiles {
				p, ok := s.ProfileAttributes(c, profile)
				if len(p.Required) > 0 && p.Nested {
					nested++
				}
				if !ok || len(p.Required)+len(p.Optional) == 0 && !p.Nested {
					t.Errorf("%s: class %s: profile %s has no attribute", s.Version, c.Name, profile)
				}
				all := slices.Concat(p.Required, p.Optional)
				for j := range c.Attributes {
					a := &c.Attributes[j]
					if slices.Contains(a.Profiles, profile) && !slices.Contains(all, a) {
						t.Errorf("%s: class %s: profile %s lacks %s", s.Version, c.Name, profile, a.Name)
					}
				}
				if profile == "datetime" && (len(p.Required) > 0 || !strings.Contains(namesOf(p.Optional), "time_dt")) {
					t.Errorf("%s: class %s: datetime has %s", s.Version, c.Name, namesOf(all))
				}
			}
			if nested > 1 {
				t.Errorf("%s: class %s: %d profiles that require something have attributes inside objects", s.Version, c.Name, nested)
			}
		}
		eachAttribute(s, func(owner string, a *Attribute) {
			if len(a.Profiles) > 1 {
				t.Errorf("%s: %s: %s has several profiles", s.Version, owner, a.Name)
			}
			if len(a.Profiles) > 0 && a.Requirement == Required && strings.HasPrefix(owner, "object") {
				t.Errorf("%s: %s: profile %s requires %s: say so in the comment of ProfileAttributes", s.Version, owner, anyOf(a.Profiles), a.Name)
			}
		})
	}
}
