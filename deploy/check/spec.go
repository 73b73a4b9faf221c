package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// spec says what a value may be. In the fields of an object, a key that ends in
// `!` is required.
type spec struct {
	what   string // text, number, boolean, list, object, policy
	values []string
	min    int
	max    int
	item   *spec
	fields map[string]spec
}

func text() spec                    { return spec{what: "text"} }
func oneOf(values ...string) spec   { return spec{what: "text", values: values} }
func number(min, max int) spec      { return spec{what: "number", min: min, max: max} }
func boolean() spec                 { return spec{what: "boolean"} }
func listOf(item spec) spec         { return spec{what: "list", item: &item} }
func object(f map[string]spec) spec { return spec{what: "object", fields: f} }
func policy() spec                  { return spec{what: "policy"} }
func anyOf() spec                   { return spec{what: "object"} }

func (s spec) field(name string) (f spec, required, ok bool) {
	if f, ok = s.fields[name+"!"]; ok {
		return f, true, true
	}
	f, ok = s.fields[name]
	return f, false, ok
}

// shape compares a value with its spec. Path names it for a reader.
func (t *template) shape(v *value, s spec, path string) {
	if v.kind == call {
		t.shapeOfCall(v, s, path)
		return
	}
	switch s.what {
	case "list":
		if v.kind != list {
			t.found.add(v, "%s is no list: begin each of its items with a hyphen", path)
		}
		for i, item := range v.items {
			t.shape(item, *s.item, fmt.Sprintf("%s[%d]", path, i))
		}
	case "object":
		t.shapeOfObject(v, s, path)
	case "policy":
		t.shapeOfPolicy(v, path)
	default:
		t.shapeOfScalar(v, s, path)
	}
}

func (t *template) shapeOfObject(v *value, s spec, path string) {
	if v.kind != mapping {
		t.found.add(v, "%s is no map: give it keys", path)
		return
	}
	if s.fields == nil {
		return
	}
	for _, k := range v.keys {
		if f, _, ok := s.field(k); ok {
			t.shape(v.fields[k], f, path+"."+k)
			continue
		}
		t.found.add(v.fields[k], "%s has no property %s%s", path, k, nearest(k, s.names()))
	}
	for _, name := range s.names() {
		if _, required, _ := s.field(name); required && absent(v.at(name)) {
			t.found.add(v, "%s lacks %s: it is required", path, name)
		}
	}
}

func absent(v *value) bool {
	return v == nothing || v.kind == call && v.text == "Ref" && v.arg.text == "AWS::NoValue"
}

func (s spec) names() (names []string) {
	for k := range s.fields {
		names = append(names, strings.TrimSuffix(k, "!"))
	}
	slices.Sort(names)
	return names
}

func (t *template) shapeOfScalar(v *value, s spec, path string) {
	if v.kind != scalar {
		t.found.add(v, "%s is no %s: give one value", path, s.what)
		return
	}
	switch s.what {
	case "number":
		n, err := strconv.Atoi(v.text)
		if err != nil {
			t.found.add(v, "%s is %q and must be a whole number", path, v.text)
		} else if n < s.min || n > s.max {
			t.found.add(v, "%s is %d: it must be from %d to %d", path, n, s.min, s.max)
		}
	case "boolean":
		if v.text != "true" && v.text != "false" {
			t.found.add(v, "%s is %q and must be true or false", path, v.text)
		}
	case "text":
		if len(s.values) > 0 && !slices.Contains(s.values, v.text) {
			t.found.add(v, "%s is %q: it must be one of %s", path, v.text, strings.Join(s.values, ", "))
		}
	}
}

// shapeOfCall judges what a function can give. Only what this template uses is
// looked into: a parameter's own bounds must lie within those of the property.
func (t *template) shapeOfCall(v *value, s spec, path string) {
	switch v.text {
	case "Fn::If":
		for _, branch := range v.arg.items[min(1, len(v.arg.items)):] {
			if !absent(branch) {
				t.shape(branch, s, path)
			}
		}
	case "Ref":
		if p := t.root.at("Parameters", v.arg.text); p != nothing {
			t.shapeOfParameter(v, p, s, path)
		}
	case "Fn::Sub", "Fn::GetAtt", "Fn::Join", "Fn::Select":
		if s.what == "list" || s.what == "object" && s.fields != nil || s.what == "number" || s.what == "policy" {
			t.found.add(v, "%s is a text made by %s and must be a %s", path, v.text, s.what)
		}
	}
}

func (t *template) shapeOfParameter(v, p *value, s spec, path string) {
	name := v.arg.text
	switch {
	case s.what == "number" && p.at("Type").text != "Number":
		t.found.add(v, "%s is a number, and the parameter %s has the type %s: give it Number", path, name, p.at("Type").text)
	case s.what == "number":
		for _, bound := range append([]*value{p.at("MinValue"), p.at("MaxValue"), p.at("Default")}, p.at("AllowedValues").items...) {
			if bound != nothing {
				t.shapeOfScalar(bound, s, fmt.Sprintf("%s, by the parameter %s,", path, name))
			}
		}
		if p.at("AllowedValues") == nothing && (p.at("MinValue") == nothing || p.at("MaxValue") == nothing) {
			t.found.add(p, "the parameter %s goes into %s, which must be from %d to %d: give it MinValue and MaxValue", name, path, s.min, s.max)
		}
	case len(s.values) > 0 && p.at("AllowedValues") == nothing:
		t.found.add(p, "the parameter %s goes into %s, which must be one of %s: give it AllowedValues", name, path, strings.Join(s.values, ", "))
	case len(s.values) > 0:
		for _, allowed := range p.at("AllowedValues").items {
			t.shapeOfScalar(allowed, s, fmt.Sprintf("%s, by the parameter %s,", path, name))
		}
	}
}

// nearest advises on a name that is close to a known one.
func nearest(name string, known []string) string {
	best, least := "", 4
	for _, k := range known {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ": take it out, or teach types.go about it"
	}
	return ": did you mean " + best + "?"
}

// distance counts the letters to insert, drop or change.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := corner
			if a[i] != b[j] {
				d++
			}
			corner = row[j+1]
			row[j+1] = min(d, row[j]+1, corner+1)
		}
	}
	return row[len(b)]
}
