package main

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// value is a node of the template. Calls of functions, in their short form
// (!Ref x) or their long one ({Ref: x}), are nodes of their own.
type value struct {
	line   int
	kind   kind
	text   string // of a scalar; the function's name of a call, as Ref or Fn::If
	tag    string // of a scalar: !!str, !!int, !!bool …
	items  []*value
	keys   []string // of a map, in their order
	fields map[string]*value
	arg    *value // of a call
}

type kind int

const (
	scalar kind = iota
	list
	mapping
	call
)

// nothing stands for what is not there, so that lookups can be chained.
var nothing = &value{kind: mapping}

// at follows keys of maps.
func (v *value) at(keys ...string) *value {
	for _, k := range keys {
		next, ok := v.fields[k]
		if !ok {
			return nothing
		}
		v = next
	}
	return v
}

// parse reads a template. A duplicate key is an error, since
// CloudFormation takes the last one in silence.
func parse(file string, text []byte) (*value, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w: fix the YAML", file, err)
	}
	if len(doc.Content) != 1 {
		return nil, fmt.Errorf("%s: it is empty: put the template there", file)
	}
	v, err := convert(doc.Content[0])
	if err != nil {
		return nil, fmt.Errorf("%s:%w", file, err)
	}
	return v, nil
}

func convert(n *yaml.Node) (*value, error) {
	if name, ok := function(n.Tag); ok {
		plain := *n
		plain.Tag = ""
		if n.Kind == yaml.ScalarNode {
			plain.Tag = "!!str"
		}
		arg, err := convert(&plain)
		return &value{line: n.Line, kind: call, text: name, arg: arg}, err
	}
	v := &value{line: n.Line, text: n.Value, tag: n.ShortTag()}
	switch n.Kind {
	case yaml.ScalarNode:
		return v, nil
	case yaml.SequenceNode:
		v.kind = list
		for _, c := range n.Content {
			item, err := convert(c)
			if err != nil {
				return nil, err
			}
			v.items = append(v.items, item)
		}
		return v, nil
	case yaml.MappingNode:
		return convertMap(n, v)
	}
	return nil, fmt.Errorf("%d: CloudFormation reads no YAML aliases: write the value out", n.Line)
}

func convertMap(n *yaml.Node, v *value) (*value, error) {
	v.kind, v.fields = mapping, map[string]*value{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		field, err := convert(n.Content[i+1])
		if err != nil {
			return nil, err
		}
		if v.fields[key.Value] != nil {
			return nil, fmt.Errorf("%d: the key %s appears twice: keep one", key.Line, key.Value)
		}
		field.line = key.Line
		v.keys = append(v.keys, key.Value)
		v.fields[key.Value] = field
	}
	if len(v.keys) == 1 {
		if name := v.keys[0]; name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return &value{line: n.Line, kind: call, text: name, arg: v.fields[name]}, nil
		}
	}
	return v, nil
}

// function gives the name of the function that a tag is short for.
func function(tag string) (string, bool) {
	name, ok := strings.CutPrefix(tag, "!")
	switch {
	case !ok || name == "" || strings.HasPrefix(name, "!"):
		return "", false
	case name == "Ref" || name == "Condition":
		return name, true
	}
	return "Fn::" + name, true
}

// absent reports whether a value is nothing, by itself or by AWS::NoValue.
func absent(v *value) bool {
	return v == nothing || v.kind == call && v.text == "Ref" && v.arg.text == "AWS::NoValue"
}
