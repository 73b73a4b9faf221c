package main

import (
	"regexp"
	"slices"
	"strings"
)

// branches gives the values that an Fn::If can come to.
func branches(v *value) []*value {
	if v.kind == call && v.text == "Fn::If" && len(v.arg.items) == 3 {
		return append(branches(v.arg.items[1]), branches(v.arg.items[2])...)
	}
	if absent(v) {
		return nil
	}
	return []*value{v}
}

// request is a call as IAM sees it.
type request struct {
	action, resource string
	context          map[string]string // keys of conditions; those that are not there do not match
}

// right is a statement that is resolved for a deployment.
type right struct {
	sid                string
	effect             string
	actions, resources []string
	conditions         []condition
}

type condition struct {
	operator, key string
	values        []string
}

// rights of the role with this name.
func (d *deployment) rights(role string) (all []right) {
	for _, p := range d.properties(role).at("Policies").items {
		for _, s := range p.at("PolicyDocument", "Statement").items {
			if s = d.ifs(s); s != nil {
				all = append(all, d.right(s))
			}
		}
	}
	return all
}

func (d *deployment) right(s *value) right {
	r := right{sid: s.at("Sid").text, effect: s.at("Effect").text, actions: d.texts(s.at("Action")), resources: d.texts(s.at("Resource"))}
	if c := d.ifs(s.at("Condition")); c != nil {
		for _, operator := range c.keys {
			for _, key := range c.fields[operator].keys {
				r.conditions = append(r.conditions, condition{operator, key, d.texts(c.at(operator, key))})
			}
		}
	}
	return r
}

// allowing gives the statements that allow a request, in their order; none when
// one denies it.
func allowing(rights []right, q request) (sids []string) {
	for _, r := range rights {
		if !r.matches(q) {
			continue
		}
		if r.effect == "Deny" {
			return nil
		}
		sids = append(sids, r.sid)
	}
	return sids
}

func (r right) matches(q request) bool {
	like := func(text string) func(string) bool {
		return func(pattern string) bool { return matches(pattern, text) }
	}
	if !slices.ContainsFunc(r.actions, like(q.action)) || !slices.ContainsFunc(r.resources, like(q.resource)) {
		return false
	}
	for _, c := range r.conditions {
		have, ok := q.context[c.key]
		is := func(value string) bool { return value == have }
		if c.operator == "StringLike" {
			is = like(have)
		}
		if !ok || !slices.ContainsFunc(c.values, is) {
			return false
		}
	}
	return true
}

// matches is IAM's comparison: `*` is any text, slashes included.
func matches(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	for i, p := range parts {
		parts[i] = regexp.QuoteMeta(p)
	}
	return regexp.MustCompile("(?s)^" + strings.Join(parts, ".*") + "$").MatchString(text)
}
