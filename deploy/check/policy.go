package main

import (
	"regexp"
	"slices"
	"strings"
)

var ofStatement = []string{"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}

var operators = []string{"Bool", "StringEquals", "StringLike", "ArnEquals"}

// objects is the one wildcard that a right may have: objects whose keys begin
// with something, in a bucket that is named.
var objects = regexp.MustCompile(`^arn:\$\{AWS::Partition\}:(s3:::[^*]+/[^*]*\*|iam::[^*]+:role/AmazonSecurityLake-Provider-\$\{SourceLocation\}-\*-\$\{Region\})$`)

// shapeOfPolicy judges the form of a policy and the width of what it allows.
func (t *template) shapeOfPolicy(v *value, path string) {
	if v.kind != mapping {
		t.found.add(v, "%s is no map: give it Version and Statement", path)
		return
	}
	if v.at("Version").text != "2012-10-17" {
		t.found.add(v, "%s must have the Version \"2012-10-17\": older ones do not know variables", path)
	}
	if v.at("Statement").kind != list {
		t.found.add(v, "%s.Statement is no list: begin each statement with a hyphen", path)
	}
	for _, s := range v.at("Statement").items {
		for _, s := range branches(s) {
			t.statement(s, path)
		}
	}
}

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

func (t *template) statement(s *value, path string) {
	name := path + " " + s.at("Sid").text
	for _, k := range s.keys {
		if !slices.Contains(ofStatement, k) {
			t.found.add(s.fields[k], "%s has no element %s%s", name, k, nearest(k, ofStatement))
		}
	}
	effect := s.at("Effect").text
	if effect != "Allow" && effect != "Deny" {
		t.found.add(s, "%s has the Effect %q: it must be Allow or Deny", name, effect)
	}
	if s.at("Action") == nothing {
		t.found.add(s, "%s lacks Action: it allows nothing", name)
	}
	for _, c := range branches(s.at("Condition")) {
		for _, k := range c.keys {
			if !slices.Contains(operators, k) {
				t.found.add(c.fields[k], "%s has no condition operator %s%s", name, k, nearest(k, operators))
			}
		}
	}
	if effect == "Allow" {
		t.width(s, name)
	}
}

// width finds what is allowed wholesale.
func (t *template) width(s *value, name string) {
	s.at("Action").each(func(v *value) {
		if strings.ContainsAny(v.text, "*?") {
			t.found.add(v, "%s allows %q: name each action", name, v.text)
		}
	})
	if s.at("Sid").text == "Trace" {
		return // X-Ray knows no resources
	}
	s.at("Principal").each(func(v *value) {
		if v.text == "*" {
			t.found.add(v, "%s lets in everybody: name who it is for", name)
		}
	})
	s.at("Resource").each(func(v *value) {
		if v.kind == scalar && strings.ContainsAny(v.text, "*?") && !objects.MatchString(v.text) {
			t.found.add(v, "%s reaches %q: name the resource, or the bucket and a prefix in it", name, v.text)
		}
	})
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
