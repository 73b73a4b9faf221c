package syntax

import (
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	eventIsNoItem = "`$each` makes the items of a list and cannot be used on the event itself"
	whenOfEvent   = "`$when` belongs to an object or an item of the event: which alerts the mapping takes, `when` says at the top of it"
)

func (p *parser) event(kv pair) *Node {
	if kv.value.Kind != yaml.MappingNode {
		p.faults.Add(p.pos(kv.value), "`event` must hold the attributes of the event, not %s", kindName(kv.value))
		return nil
	}
	n := p.object(kv.value, 0)
	n.Pos = p.pos(kv.key)
	if n.Each != nil {
		p.faults.Add(n.Pos, eventIsNoItem)
	}
	if n.When != nil {
		p.faults.Add(n.When.Pos, whenOfEvent)
	}
	return n
}

// value reads any value of the event. It returns nil, after adding a fault, if it
// cannot read the value.
func (p *parser) value(n *yaml.Node, flow bool, depth int) *Node {
	if depth > maxDepth {
		p.faults.Add(p.pos(n), "nested deeper than %d levels", maxDepth)
		return nil
	}
	defer p.inside(n)()
	switch n.Kind {
	case yaml.MappingNode:
		return p.object(n, depth)
	case yaml.SequenceNode:
		return p.list(n, depth)
	}
	return p.leaf(n, flow)
}

func (p *parser) leaf(n *yaml.Node, flow bool) *Node {
	if !isExpression(n) {
		return &Node{Kind: Constant, Pos: p.pos(n), Scalar: scalar(n)}
	}
	e := p.expression(n, flow)
	if e == nil {
		return nil
	}
	return &Node{Kind: Computed, Pos: e.Pos, Expression: e}
}

func (p *parser) list(n *yaml.Node, depth int) *Node {
	out := &Node{Kind: List, Pos: p.pos(n)}
	flow := n.Style&yaml.FlowStyle != 0
	for _, c := range n.Content {
		if c = p.follow(c); c == nil {
			out.Broken = true
			continue
		}
		before := len(p.faults)
		v := p.value(c, flow, depth+1)
		if v != nil {
			out.Items = append(out.Items, v)
			continue
		}
		if out.Broken = true; flow && len(p.faults) > before {
			break // what follows is the rest of an expression that YAML cut
		}
	}
	return out
}

func (p *parser) object(n *yaml.Node, depth int) *Node {
	out := &Node{Kind: Object, Pos: p.pos(n)}
	pairs := p.pairs(n)
	if isFrom(pairs) {
		p.fromEvent(out, pairs)
		return out
	}
	for _, kv := range pairs {
		if strings.HasPrefix(kv.key.Value, "$") {
			before := len(p.faults)
			p.special(out, kv)
			if kv.key.Value == "$part" && kv.flow && len(p.faults) > before {
				break // what follows is the rest of arguments that YAML cut
			}
			continue
		}
		before := len(p.faults)
		v := p.value(kv.value, kv.flow, depth+1)
		if v == nil && kv.flow && len(p.faults) > before {
			out.Broken = true
			break // what follows is the rest of an expression that YAML cut
		}
		// An attribute whose value cannot be read is not missing: it must not be
		// reported as missing too.
		out.Fields = append(out.Fields, Field{p.pos(kv.key), kv.key.Value, v})
	}
	return out
}

// special reads the keys that belong to the language and not to OCSF.
func (p *parser) special(out *Node, kv pair) {
	switch kv.key.Value {
	case "$each":
		out.Each = p.requireExpression(kv)
		out.EachBroken = out.Each == nil
		if out.Each != nil {
			out.Each.cutName()
		}
	case "$when":
		out.When = p.requireExpression(kv)
	case "$rest":
		out.RestPos = p.pos(kv.key)
		if kv.value.Tag != "!!bool" {
			p.faults.Add(p.pos(kv.value), "`$rest` is true or false")
			return
		}
		out.Rest = strings.EqualFold(kv.value.Value, "true")
	case "$part":
		out.Part = p.partRef(kv)
		out.Broken = out.Broken || out.Part == nil
	default:
		p.faults.Add(p.pos(kv.key), "unknown key `%s`%s", kv.key.Value, orList(kv.key.Value, []string{"$each", "$when", "$rest", "$part", "$from"}))
	}
}
