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
	whole  bool
}

// decode reads an event, numbers as they are written.
func decode(event []byte) map[string]any {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil {
		return nil // an event always is a JSON object
	}
	return v
}

func (j *judge) differ(path, expected, got string, pos syntax.Pos) {
	j.result.Differences = append(j.result.Differences,
		Difference{path, expected, got, pos, about(&j.result.Explanation, path)})
}

// value compares one attribute. A null expects nothing to be there.
func (j *judge) value(path string, want *syntax.Node, pos syntax.Pos, got any) {
	isNull := want.Kind == syntax.Constant && want.Scalar.Kind == syntax.Null
	switch {
	case got == nil && isNull:
		return
	case got == nil:
		j.differ(path, nodeJSON(want), nothing, pos)
		return
	case isNull:
		j.differ(path, nothing, valueJSON(got), pos)
		return
	}
	switch x := got.(type) {
	case map[string]any:
		if want.Kind == syntax.Object {
			j.object(path, want, x)
			return
		}
	case []any:
		if want.Kind == syntax.List {
			j.list(path, want, pos, x)
			return
		}
	default:
		if want.Kind == syntax.Constant && want.Scalar.Same(scalarOf(x)) {
			return
		}
	}
	j.differ(path, nodeJSON(want), valueJSON(got), pos)
}

func (j *judge) object(path string, want *syntax.Node, got map[string]any) {
	named := map[string]bool{}
	for _, f := range want.Fields {
		named[f.Name] = true
		j.value(join(path, f.Name), f.Value, f.Pos, got[f.Name])
	}
	if !j.whole {
		return
	}
	for _, name := range sortedNames(got) {
		if !named[name] {
			j.differ(join(path, name), nothing, valueJSON(got[name]), want.Pos)
		}
	}
}

// list compares item by item: a list is expected with all its items.
func (j *judge) list(path string, want *syntax.Node, pos syntax.Pos, got []any) {
	if len(want.Items) != len(got) {
		j.differ(path, count(len(want.Items)), count(len(got))+": "+valueJSON(got), pos)
		return
	}
	for i, item := range want.Items {
		j.value(fmt.Sprintf("%s[%d]", path, i), item, item.Pos, got[i])
	}
}

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

// scalarOf gives a decoded JSON scalar the form that YAML scalars have.
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
		return fmt.Sprint(v) // what was decoded encodes
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

// about finds what the explanation says of a path: of itself, of an object
// around it that was left out, or of the list whose item was.
func about(x *engine.Explanation, path string) *engine.Attribute {
	for at := path; at != ""; at = outside(at) {
		for i := range x.Attributes {
			a := &x.Attributes[i]
			if a.Path == at || a.Path == at+"[]" {
				return a
			}
		}
		if i := strings.LastIndexByte(at, '['); i > 0 && strings.HasSuffix(at, "]") {
			for k := range x.Attributes {
				if x.Attributes[k].Path == at[:i]+"[]" {
					return &x.Attributes[k]
				}
			}
		}
	}
	// An object or a list that came unexpected: its first part.
	for i := range x.Attributes {
		a := &x.Attributes[i]
		if rest, ok := strings.CutPrefix(a.Path, path); ok && a.Value != "" && (rest[0] == '.' || rest[0] == '[') {
			return a
		}
	}
	return nil
}

// outside gives the path around: its last name or position cut off.
func outside(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}
