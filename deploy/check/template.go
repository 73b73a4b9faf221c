package main

import (
	"os"
	"slices"
	"strings"
)

// template is the document that is judged, and what was found in it.
type template struct {
	root  *value
	found findings
}

func load(file string) (*template, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	root, err := parse(file, text)
	if err != nil {
		return nil, err
	}
	return &template{root: root, found: findings{file: file}}, nil
}

var sections = []string{"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Resources", "Outputs"}

var ofResource = []string{"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Condition"}

// judge looks at everything that the template alone can tell.
func (t *template) judge() {
	for _, k := range t.root.keys {
		if !slices.Contains(sections, k) {
			t.found.add(t.root.fields[k], "%s is no section of a template%s", k, nearest(k, sections))
		}
	}
	resources := t.root.at("Resources")
	if len(resources.keys) == 0 {
		t.found.addLine(1, "there are no resources: a template makes at least one")
	}
	for _, name := range resources.keys {
		t.judgeResource(name, resources.fields[name])
	}
	t.judgeParameters()
	t.references()
	t.rules()
}

func (t *template) judgeResource(name string, r *value) {
	for _, k := range r.keys {
		if !slices.Contains(ofResource, k) {
			t.found.add(r.fields[k], "%s has no attribute %s%s", name, k, nearest(k, ofResource))
		}
	}
	for _, k := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if v := r.at(k); v != nothing && v.text != "Delete" && v.text != "Retain" {
			t.found.add(v, "%s.%s is %q: it must be Delete or Retain", name, k, v.text)
		}
	}
	if r.at("DeletionPolicy").text != r.at("UpdateReplacePolicy").text {
		t.found.add(r, "%s has another DeletionPolicy than UpdateReplacePolicy: what is kept from one must be kept from the other", name)
	}
	known, ok := types[r.at("Type").text]
	if !ok {
		t.found.add(r, "%s has the type %q, which types.go does not know: correct it, or add it there", name, r.at("Type").text)
		return
	}
	t.shape(r.at("Properties"), known.properties, name)
}

var ofParameter = []string{"Type", "Description", "Default", "AllowedPattern", "AllowedValues", "MinLength", "MaxLength", "MinValue", "MaxValue"}

func (t *template) judgeParameters() {
	parameters := t.root.at("Parameters")
	for _, name := range parameters.keys {
		p := parameters.fields[name]
		for _, k := range p.keys {
			if !slices.Contains(ofParameter, k) {
				t.found.add(p.fields[k], "the parameter %s has no attribute %s%s", name, k, nearest(k, ofParameter))
			}
		}
		if kind := p.at("Type").text; kind != "String" && kind != "Number" {
			t.found.add(p, "the parameter %s has the type %q: it must be String or Number", name, kind)
		}
		if p.at("Description").text == "" {
			t.found.add(p, "the parameter %s lacks a Description: whoever fills it in reads nothing else", name)
		}
		if d, allowed := p.at("Default"), p.at("AllowedValues"); d != nothing && allowed != nothing && !hasText(allowed.items, d.text) {
			t.found.add(d, "the Default %q of the parameter %s is not one of its AllowedValues", d.text, name)
		}
	}
}

func hasText(items []*value, text string) bool {
	return slices.ContainsFunc(items, func(v *value) bool { return v.text == text })
}

// properties of the resource with this name.
func (t *template) properties(name string) *value { return t.root.at("Resources", name, "Properties") }

// ofType lists the names of the resources of a type, in their order.
func (t *template) ofType(kind string) (names []string) {
	resources := t.root.at("Resources")
	for _, name := range resources.keys {
		if strings.EqualFold(resources.fields[name].at("Type").text, kind) {
			names = append(names, name)
		}
	}
	return names
}
