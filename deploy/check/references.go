package main

import (
	"regexp"
	"slices"
	"strings"
)

// pseudo are the parameters that CloudFormation gives.
var pseudo = []string{"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region",
	"AWS::StackId", "AWS::StackName", "AWS::URLSuffix"}

// graph follows who names whom.
type graph struct {
	*template
	used map[string]bool     // parameters and conditions that something names
	from map[string][]string // resource to the resources that it names
	at   string              // the resource being looked at, "" for none
}

// references checks that every name leads somewhere and nothing is in vain.
func (t *template) references() {
	g := &graph{template: t, used: map[string]bool{}, from: map[string][]string{}}
	for _, section := range []string{"Conditions", "Rules", "Outputs"} {
		t.root.at(section).each(g.look)
	}
	resources := t.root.at("Resources")
	for _, name := range resources.keys {
		g.at = name
		r := resources.fields[name]
		r.at("Properties").each(g.look)
		for _, d := range append(r.at("DependsOn").items, r.at("DependsOn")) {
			if d.kind == scalar {
				g.resource(d, d.text, "DependsOn")
			}
		}
		if c := r.at("Condition"); c != nothing {
			g.condition(c, c.text)
		}
	}
	g.inVain("Parameters", "the parameter")
	g.inVain("Conditions", "the condition")
	g.circles(resources)
	g.groups()
}

// look judges one node, if it is a call that names something.
func (g *graph) look(v *value) {
	if v.kind != call {
		return
	}
	switch v.text {
	case "Ref":
		g.name(v, v.arg.text)
	case "Fn::GetAtt":
		parts := strings.SplitN(v.arg.text, ".", 2)
		if v.arg.kind == list && len(v.arg.items) == 2 {
			parts = []string{v.arg.items[0].text, v.arg.items[1].text}
		}
		if len(parts) != 2 {
			g.found.add(v, "GetAtt of %q names no attribute: write Resource.Attribute", v.arg.text)
			return
		}
		g.attribute(v, parts[0], parts[1])
	case "Fn::Sub":
		g.sub(v)
	case "Condition":
		g.condition(v, v.arg.text)
	case "Fn::If":
		if v.arg.kind != list || len(v.arg.items) != 3 {
			g.found.add(v, "Fn::If wants a condition and two values")
			return
		}
		g.condition(v.arg.items[0], v.arg.items[0].text)
	case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Join", "Fn::Select", "Fn::FindInMap":
	default:
		g.found.add(v, "%s is not a function that references.go knows: correct it, or add it there", v.text)
	}
}

var placeholder = regexp.MustCompile(`\$\{([^!][^}]*)\}`)

func (g *graph) sub(v *value) {
	text, local := v.arg, nothing
	if v.arg.kind == list && len(v.arg.items) == 2 {
		text, local = v.arg.items[0], v.arg.items[1]
	}
	for _, found := range placeholder.FindAllStringSubmatch(text.text, -1) {
		name := found[1]
		if local.at(name) != nothing {
			continue
		}
		if r, attribute, ok := strings.Cut(name, "."); ok {
			g.attribute(v, r, attribute)
			continue
		}
		g.name(v, name)
	}
	for _, k := range local.keys {
		if !strings.Contains(text.text, "${"+k+"}") {
			g.found.add(local.fields[k], "Sub declares %s and its text does not use it: take it out", k)
		}
	}
}

// name is what Ref may name.
func (g *graph) name(v *value, name string) {
	switch {
	case slices.Contains(pseudo, name):
	case g.root.at("Parameters", name) != nothing:
		g.used[name] = true
	case g.root.at("Resources", name) != nothing:
		g.from[g.at] = append(g.from[g.at], name)
	default:
		known := slices.Concat(g.root.at("Parameters").keys, g.root.at("Resources").keys)
		g.found.add(v, "there is no parameter or resource %s%s", name, nearest(name, known))
	}
}

func (g *graph) attribute(v *value, name, attribute string) {
	if !g.resource(v, name, "GetAtt") {
		return
	}
	kind := g.root.at("Resources", name, "Type").text
	if known, ok := types[kind]; ok && !slices.Contains(known.attributes, attribute) {
		g.found.add(v, "%s (%s) has no attribute %s%s", name, kind, attribute, nearest(attribute, known.attributes))
	}
}

func (g *graph) resource(v *value, name, by string) bool {
	if g.root.at("Resources", name) == nothing {
		g.found.add(v, "%s names %s, and there is no such resource%s", by, name, nearest(name, g.root.at("Resources").keys))
		return false
	}
	g.from[g.at] = append(g.from[g.at], name)
	return true
}

func (g *graph) condition(v *value, name string) {
	g.used[name] = true
	if g.root.at("Conditions", name) == nothing {
		g.found.add(v, "there is no condition %s%s", name, nearest(name, g.root.at("Conditions").keys))
	}
}

func (g *graph) inVain(section, what string) {
	for _, name := range g.root.at(section).keys {
		if !g.used[name] {
			g.found.add(g.root.at(section, name), "%s %s is used by nothing: use it, or take it out", what, name)
		}
	}
}

// circles finds resources that wait for themselves: CloudFormation would refuse
// the stack. Parameters break a circle, as the name of the raw bucket does.
func (g *graph) circles(resources *value) {
	for _, name := range resources.keys {
		seen := map[string]bool{}
		next := slices.Clone(g.from[name])
		for len(next) > 0 {
			at := next[0]
			next = next[1:]
			if at == name {
				g.found.add(resources.fields[name], "%s waits for itself by way of what it names: let one side know the other by a name from a parameter", name)
				break
			}
			if !seen[at] {
				seen[at] = true
				next = append(next, g.from[at]...)
			}
		}
	}
}

// groups checks that the console shows each parameter once.
func (g *graph) groups() {
	shown := map[string]int{}
	for _, group := range g.root.at("Metadata", "AWS::CloudFormation::Interface", "ParameterGroups").items {
		for _, p := range group.at("Parameters").items {
			shown[p.text]++
			if g.root.at("Parameters", p.text) == nothing {
				g.found.add(p, "the group names %s, and there is no such parameter%s", p.text, nearest(p.text, g.root.at("Parameters").keys))
			}
		}
	}
	for _, name := range g.root.at("Parameters").keys {
		if len(shown) > 0 && shown[name] != 1 {
			g.found.add(g.root.at("Parameters", name), "the parameter %s stands in %d groups of the console: put it in one", name, shown[name])
		}
	}
}
