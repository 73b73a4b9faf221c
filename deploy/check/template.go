package main

import (
	"os"
	"slices"
	"strings"
)

// template is the document that is judged, and what was found in it.
type template struct {
	root  *value
	bytes int
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
	return &template{root: root, bytes: len(text), found: findings{file: file}}, nil
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
