package syntax

import "gopkg.in/yaml.v3"

// merge changes an expectation to fit the result. Nodes that fit keep their
// comments and their style. It reports whether anything had to change.
func merge(old, got *yaml.Node, whole bool) (*yaml.Node, bool) {
	if old.Kind == yaml.AliasNode {
		n, changed := merge(old.Alias, got, whole)
		if !changed {
			return old, false
		}
		n.Anchor = ""
		return n, true
	}
	switch {
	case old.Kind == yaml.MappingNode && got.Kind == yaml.MappingNode:
		return mergeObject(old, got, whole)
	case old.Kind == yaml.SequenceNode && got.Kind == yaml.SequenceNode:
		return mergeList(old, got, whole)
	case old.Kind == yaml.ScalarNode && got.Kind == yaml.ScalarNode && scalar(old).Same(scalar(got)):
		return old, false
	}
	return commented(got, old), true
}

// commented returns a copy of a node with the comments of another.
func commented(n, from *yaml.Node) *yaml.Node {
	out := *n
	out.HeadComment, out.LineComment, out.FootComment = from.HeadComment, from.LineComment, from.FootComment
	return &out
}

func null(from *yaml.Node) *yaml.Node {
	return commented(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, from)
}

func mergeObject(old, got *yaml.Node, whole bool) (*yaml.Node, bool) {
	out := *old
	out.Content = nil
	changed := false
	for i := 0; i+1 < len(old.Content); i += 2 {
		key, value := old.Content[i], old.Content[i+1]
		_, now := member(got, key.Value)
		switch {
		case now != nil:
			merged, differs := merge(value, now, whole)
			value, changed = merged, changed || differs
		case value.Tag == "!!null":
		case whole:
			changed = true
			continue
		default:
			value, changed = null(value), true
		}
		out.Content = append(out.Content, key, value)
	}
	for i := 0; whole && i+1 < len(got.Content); i += 2 {
		if k, _ := member(old, got.Content[i].Value); k == nil {
			out.Content = append(out.Content, got.Content[i], got.Content[i+1])
			changed = true
		}
	}
	return &out, changed
}

func mergeList(old, got *yaml.Node, whole bool) (*yaml.Node, bool) {
	out := *old
	out.Content = nil
	changed := len(old.Content) != len(got.Content)
	for i, item := range got.Content {
		if i < len(old.Content) {
			merged, differs := merge(old.Content[i], item, whole)
			item, changed = merged, changed || differs
		}
		out.Content = append(out.Content, item)
	}
	return &out, changed
}
