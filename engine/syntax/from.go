package syntax

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// FromEvent is `$from: event`: the items of a list that follow from the attributes
// of the event. Only and Not narrow them; nil is no limit.
type FromEvent struct {
	Pos       Pos // of `$from`
	Only, Not []Text
}

// fromKeys are the keys of an object with `$from`.
var fromKeys = []string{"$from", "only", "not"}

// isFrom reports whether an object has the key `$from`.
func isFrom(pairs []pair) bool {
	return slices.ContainsFunc(pairs, func(kv pair) bool { return kv.key.Value == "$from" })
}

// fromEvent reads an object with `$from`.
func (p *parser) fromEvent(out *Node, pairs []pair) {
	out.From = &FromEvent{}
	for _, kv := range pairs {
		switch kv.key.Value {
		case "$from":
			out.From.Pos = p.pos(kv.key)
			if kv.value.Kind != yaml.ScalarNode || kv.value.Value != "event" {
				p.faults.Add(p.pos(kv.value), "`$from` has one value: `event`, which makes observables of the attributes of the event")
			}
		case "only":
			out.From.Only = p.selection(kv)
		case "not":
			out.From.Not = p.selection(kv)
		default:
			p.faults.Add(p.pos(kv.key), "unknown key `%s` beside `$from`%s", kv.key.Value, orList(kv.key.Value, fromKeys))
		}
	}
}

// selection reads the attributes and types of `only` or `not`.
func (p *parser) selection(kv pair) []Text {
	names := p.names(kv)
	if kv.value.Kind == yaml.SequenceNode && len(kv.value.Content) == 0 {
		p.faults.Add(p.pos(kv.key), "`%s` has no value", kv.key.Value)
	}
	return names
}
