package alert

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// reference reads a line with encoding/json into maps, independently of the
// scanner and as slowly as it likes. It is false for what is not an alert.
func reference(line string, lim Limits) (map[string]any, bool) {
	if !json.Valid([]byte(line)) || !utf8.ValidString(line) || !strings.HasPrefix(strings.TrimLeft(line, " \t\r\n"), "{") {
		return nil, false
	}
	lim = lim.withDefaults()
	if depth, values := measure(line); depth > lim.Depth || values > lim.Leaves {
		return nil, false
	}
	var alert map[string]any
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	if d.Decode(&alert) != nil {
		return nil, false
	}
	inner, wrapped := alert["_source"].(map[string]any)
	if wrapped {
		delete(alert, "_source")
		for name, x := range inner {
			alert[name] = x
		}
	}
	return alert, true
}

// measure counts the values of a valid JSON text, and how deep they go.
func measure(line string) (depth, values int) {
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var open []bool // object, and whether the next token is a name
	var names []bool
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return depth, values
		}
		if tok == json.Delim('}') || tok == json.Delim(']') {
			open, names = open[:len(open)-1], names[:len(names)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1] {
			names[n-1] = !names[n-1]
			if names[n-1] {
				continue
			}
		}
		values++
		if tok == json.Delim('{') || tok == json.Delim('[') {
			open, names = append(open, tok == json.Delim('{')), append(names, false)
			depth = max(depth, len(open))
		}
	}
}

// at walks a path.
func at(x any, p Path) any {
	for _, s := range p {
		switch c := x.(type) {
		case map[string]any:
			if s.IsIndex {
				return nil
			}
			x = c[s.Name]
		case []any:
			if !s.IsIndex || s.Index >= len(c) {
				return nil
			}
			x = c[s.Index]
		default:
			return nil
		}
	}
	return x
}

// plainly turns numbers into what Interface gives.
func plainly(x any) any {
	switch x := x.(type) {
	case json.Number:
		if !strings.ContainsAny(string(x), ".eE") {
			if n, err := strconv.ParseInt(string(x), 10, 64); err == nil {
				return int(n)
			}
			return string(x)
		}
		if f, err := strconv.ParseFloat(string(x), 64); err == nil {
			return f
		}
		return string(x)
	case []any:
		out := make([]any, len(x))
		for i := range x {
			out[i] = plainly(x[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name := range x {
			out[name] = plainly(x[name])
		}
		return out
	}
	return x
}

// leavesOf lists the leaves of x, which is at p, that no want covers.
func leavesOf(x any, p Path, used []Path) []Leaf {
	for _, u := range used {
		if len(u) <= len(p) && slices.Equal(u, p[:len(u)]) {
			return nil
		}
	}
	var out []Leaf
	switch x := x.(type) {
	case string:
		if x != "" {
			out = append(out, Leaf{Key: p.String(), Value: x})
		}
	case json.Number:
		out = append(out, Leaf{Key: p.String(), Value: string(x)})
	case bool:
		out = append(out, Leaf{Key: p.String(), Value: strconv.FormatBool(x)})
	case []any:
		for i := range x {
			out = append(out, leavesOf(x[i], append(slices.Clip(p), Step{Index: i, IsIndex: true}), used)...)
		}
	case map[string]any:
		for name := range x {
			out = append(out, leavesOf(x[name], append(slices.Clip(p), Step{Name: name}), used)...)
		}
	}
	return out
}

// sorted gives leaves an order that does not depend on their source.
func sorted(ls []Leaf) []Leaf {
	ls = slices.Clone(ls)
	slices.SortFunc(ls, func(a, b Leaf) int {
		return strings.Compare(a.Key+"\x00"+a.Value, b.Key+"\x00"+b.Value)
	})
	return ls
}
