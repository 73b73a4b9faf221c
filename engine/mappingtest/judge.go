package mappingtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// judge compares an event with what is expected of it.
type judge struct {
	result *Result
	made   *engine.Made
	whole  bool
	// told has the explanation of each path. Items of a list that were left out are
	// under the path of the list.
	told map[string]*engine.Attribute
}

func newJudge(r *Result, made *engine.Made, whole bool) *judge {
	j := &judge{result: r, made: made, whole: whole, told: map[string]*engine.Attribute{}}
	for i := range made.Attributes {
		a := &made.Attributes[i]
		if path := strings.TrimSuffix(a.Path, "[]"); j.told[path] == nil {
			j.told[path] = a
		}
	}
	return j
}

// place is the path of an attribute of the event, with its explanation, or else
// that of the nearest object or list around it.
type place struct {
	path  string
	about *engine.Attribute
}

func (j *judge) in(outer place, path string) place {
	if a := j.told[path]; a != nil {
		return place{path, a}
	}
	return place{path, outer.about}
}

// decode reads an event; numbers keep their text.
func decode(event []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return nil // cannot happen: an event is a JSON object
	}
	return v
}

func (j *judge) differ(at place, expected, got string, pos syntax.Pos) {
	if len(j.result.Differences) == mostDifferences {
		j.result.More++
		return
	}
	j.result.Differences = append(j.result.Differences, Difference{at.path, expected, got, pos, at.about})
}

// value compares one attribute. Null expects that it is absent.
func (j *judge) value(at place, want *syntax.Node, pos syntax.Pos, got any) {
	isNull := want.Kind == syntax.Constant && want.Scalar.Kind == syntax.Null
	switch {
	case got == nil && isNull:
		return
	case got == nil:
		j.differ(at, nodeJSON(want), nothing, pos)
		return
	case isNull:
		j.unexpected(at, pos, got)
		return
	}
	switch x := got.(type) {
	case map[string]any:
		if want.Kind == syntax.Object {
			j.object(at, want, x)
			return
		}
	case []any:
		if want.Kind == syntax.List {
			j.list(at, want, pos, x)
			return
		}
	default:
		if want.Kind == syntax.Constant && want.Scalar.Same(scalarOf(x)) {
			return
		}
	}
	j.differ(at.first(j, got), nodeJSON(want), valueJSON(got), pos)
}

func (j *judge) object(at place, want *syntax.Node, got map[string]any) {
	named := map[string]bool{}
	for _, f := range want.Fields {
		named[f.Name] = true
		j.value(j.in(at, join(at.path, f.Name)), f.Value, f.Pos, got[f.Name])
	}
	if !j.whole {
		return
	}
	for _, name := range sortedNames(got) {
		if !named[name] {
			j.unexpected(j.in(at, join(at.path, name)), want.Pos, got[name])
		}
	}
}

// list compares item by item. The list must have all items, and no others.
func (j *judge) list(at place, want *syntax.Node, pos syntax.Pos, got []any) {
	if len(want.Items) != len(got) {
		j.differ(at.first(j, got), count(len(want.Items)), count(len(got))+": "+valueJSON(got), pos)
		return
	}
	for i, item := range want.Items {
		j.value(j.in(at, itemPath(at.path, i)), item, item.Pos, got[i])
	}
}

func (j *judge) unexpected(at place, pos syntax.Pos, got any) {
	j.differ(at.first(j, got), nothing, valueJSON(got), pos)
}

// first returns the place itself. If no single rule made the object or list there,
// it returns the place with the rule that made the first part of it.
func (at place) first(j *judge, got any) place {
	if at.about != nil {
		return at
	}
	parts := map[string]bool{}
	leaves(parts, at.path, got)
	for i := range j.made.Attributes {
		if a := &j.made.Attributes[i]; a.Value != "" && parts[a.Path] {
			return place{at.path, a}
		}
	}
	return at
}

// leaves adds the paths of the scalars in a value.
func leaves(to map[string]bool, path string, v any) {
	switch x := v.(type) {
	case map[string]any:
		for name, member := range x {
			leaves(to, join(path, name), member)
		}
	case []any:
		for i, item := range x {
			leaves(to, itemPath(path, i), item)
		}
	default:
		to[path] = true
	}
}

func itemPath(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

func count(n int) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func sortedNames(object map[string]any) []string {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// scalarOf converts a decoded JSON scalar to a YAML scalar.
func scalarOf(v any) syntax.Scalar {
	switch x := v.(type) {
	case string:
		return syntax.Scalar{Kind: syntax.String, Text: x}
	case bool:
		return syntax.Scalar{Kind: syntax.Bool, Text: fmt.Sprint(x)}
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			return syntax.Scalar{Kind: syntax.Float, Text: x.String()}
		}
		return syntax.Scalar{Kind: syntax.Int, Text: x.String()}
	}
	return syntax.Scalar{}
}

func valueJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return fmt.Sprint(v) // cannot happen: it was decoded from JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func nodeJSON(n *syntax.Node) string { return string(appendNode(nil, n)) }

func appendNode(dst []byte, n *syntax.Node) []byte {
	switch n.Kind {
	case syntax.Object:
		dst = append(dst, '{')
		for i, f := range n.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(dst, valueJSON(f.Name)...), ':')
			dst = appendNode(dst, f.Value)
		}
		return append(dst, '}')
	case syntax.List:
		dst = append(dst, '[')
		for i, item := range n.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendNode(dst, item)
		}
		return append(dst, ']')
	}
	return n.Scalar.AppendJSON(dst)
}
