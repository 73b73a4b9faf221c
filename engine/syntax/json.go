package syntax

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// appendJSON writes YAML data as JSON. Numbers keep their text if it is valid JSON,
// so that a test can have a number exactly as an alert has it.
func (p *parser) appendJSON(dst []byte, n *yaml.Node, depth int) []byte {
	if n = p.follow(n); n == nil {
		return append(dst, "null"...)
	}
	if depth > maxDepth {
		p.faults.Add(p.pos(n), "nested deeper than %d levels", maxDepth)
		return append(dst, "null"...)
	}
	defer p.inside(n)()
	switch n.Kind {
	case yaml.MappingNode:
		dst = append(dst, '{')
		for i, kv := range p.pairs(n) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendQuoted(dst, kv.key.Value), ':')
			dst = p.appendJSON(dst, kv.value, depth+1)
		}
		return append(dst, '}')
	case yaml.SequenceNode:
		dst = append(dst, '[')
		for i, c := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = p.appendJSON(dst, c, depth+1)
		}
		return append(dst, ']')
	}
	return scalar(n).AppendJSON(dst)
}

// AppendJSON appends the scalar as JSON: a number by its text if that is valid
// JSON, and as text what JSON does not have (.inf).
func (s Scalar) AppendJSON(dst []byte) []byte {
	switch s.Kind {
	case Null:
		return append(dst, "null"...)
	case Bool:
		return append(dst, strings.ToLower(s.Text)...)
	case Int, Float:
		if json.Valid([]byte(s.Text)) {
			return append(dst, s.Text...)
		}
		if n, ok := plainData(s).(int); ok {
			return strconv.AppendInt(dst, int64(n), 10)
		}
		if f, err := strconv.ParseFloat(s.Text, 64); err == nil && f-f == 0 {
			return strconv.AppendFloat(dst, f, 'g', -1, 64)
		}
	}
	return appendQuoted(dst, s.Text)
}

func appendQuoted(dst []byte, s string) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return append(dst, `""`...) // cannot happen: every string can be encoded
	}
	return append(dst, strings.TrimSuffix(b.String(), "\n")...)
}

// fromJSON reads JSON as YAML nodes, in the order and style in which people write
// them.
func fromJSON(data []byte) (*yaml.Node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return nextJSON(d)
}

func nextJSON(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch x := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if x == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
		for d.More() {
			c, err := nextJSON(d)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, c)
		}
		_, err := d.Token()
		return n, err
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(x.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: x.String()}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(x)}, nil
	case nil:
		return null(&yaml.Node{}), nil
	}
	return text(token.(string)), nil
}
