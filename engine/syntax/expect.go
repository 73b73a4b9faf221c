package syntax

import (
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sluice-lake/sluice/engine/spelling"
)

// Expect is what a test expects. One of Event, Events, Reject, Unmatched and Dropped is
// set. If the test expects nothing, none is set and Pos is zero.
type Expect struct {
	Pos Pos
	// Event has Constant, Object and List nodes. Null means that the attribute must
	// be absent.
	Event *Node
	// Events are those that a set must make of the alert, in the order in which its
	// mappings are asked, as Event.
	Events []*Node
	// Whole means that the event must have no attribute that Event does not name.
	Whole bool
	// Reject must match the reason; RejectPos is its place.
	Reject    *regexp.Regexp
	RejectPos Pos
	Unmatched bool
	Dropped   bool // by the mapping or a transform
}

var expectKeys = []string{"event", "events", "whole", "reject", "unmatched", "dropped"}

func (p *parser) expect(kv pair) Expect {
	x := Expect{Pos: p.pos(kv.key)}
	if kv.value.Kind != yaml.MappingNode {
		p.faults.Add(p.pos(kv.value), "`expect` holds one of `event`, `events`, `reject`, `unmatched` and `dropped`, not %s", kindName(kv.value))
		return x
	}
	outcomes, unknown := 0, false
	for _, kv := range p.pairs(kv.value) {
		switch kv.key.Value {
		case "event":
			outcomes++
			if kv.value.Kind != yaml.MappingNode {
				p.faults.Add(p.pos(kv.value), "`event` holds the attributes that the event must have, not %s", kindName(kv.value))
			}
			x.Event = p.expected(kv.value, 0)
		case "events":
			outcomes++
			x.Events = p.events(kv.value)
		case "whole":
			x.Whole = p.truth(kv)
		case "reject":
			outcomes++
			x.RejectPos = p.pos(kv.value)
			x.Reject = p.pattern(kv)
		case "unmatched":
			outcomes++
			x.Unmatched = p.certain(kv)
		case "dropped":
			outcomes++
			x.Dropped = p.certain(kv)
		default:
			unknown = true
			advice := spelling.DidYouMean(kv.key.Value, expectKeys)
			if advice == "" {
				advice = "; attributes belong under `event`, and the other keys are " + strings.Join(expectKeys[1:], ", ")
			}
			p.faults.Add(p.pos(kv.key), "unknown key `%s` in `expect`%s", kv.key.Value, advice)
		}
	}
	switch {
	case unknown && outcomes == 0: // it may be meant as one
	case outcomes != 1:
		p.faults.Add(x.Pos, "`expect` holds one of `event`, `events`, `reject`, `unmatched` and `dropped`, this has %d", outcomes)
	case x.Whole && len(x.AllEvents()) == 0:
		p.faults.Add(x.Pos, "`whole` belongs beside `event` or `events`")
	}
	return x
}

// AllEvents returns the events that are expected.
func (x *Expect) AllEvents() []*Node {
	if x.Event != nil {
		return []*Node{x.Event}
	}
	return x.Events
}

// events reads the events that a set must make of an alert.
func (p *parser) events(n *yaml.Node) []*Node {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.faults.Add(p.pos(n), "`events` is a list of the events that a set makes of the alert, each with attributes that it must have; `unmatched: true` expects none")
		return nil
	}
	var events []*Node
	for _, item := range n.Content {
		if item = p.follow(item); item == nil {
			continue
		}
		if item.Kind != yaml.MappingNode {
			p.faults.Add(p.pos(item), "an item of `events` holds the attributes that the event must have, not %s", kindName(item))
		}
		events = append(events, p.expected(item, 0))
	}
	return events
}

// certain reads an outcome that can only be true.
func (p *parser) certain(kv pair) bool {
	yes := p.truth(kv)
	if !yes && kv.value.Tag == "!!bool" {
		p.faults.Add(p.pos(kv.value), "`%s: false` says nothing: expect an `event` or a `reject`, or remove the line", kv.key.Value)
	}
	return yes
}

func (p *parser) truth(kv pair) bool {
	if kv.value.Tag != "!!bool" {
		given := kindName(kv.value)
		if kv.value.Kind == yaml.ScalarNode {
			given = strconv.Quote(kv.value.Value)
		}
		p.faults.Add(p.pos(kv.value), "`%s` is true or false, not %s: write one of them, without quotes", kv.key.Value, given)
		return false
	}
	return strings.EqualFold(kv.value.Value, "true")
}

func (p *parser) pattern(kv pair) *regexp.Regexp {
	if kv.value.Kind != yaml.ScalarNode {
		p.faults.Add(p.pos(kv.value), "`reject` is a regular expression for the reason, not %s", kindName(kv.value))
		return nil
	}
	re, err := regexp.Compile(kv.value.Value)
	if err != nil {
		p.faults.Add(p.pos(kv.value), "`reject` is not a regular expression: %v", err)
	}
	return re
}

// expected reads the attributes of an expected event. They have no expressions.
func (p *parser) expected(n *yaml.Node, depth int) *Node {
	out := &Node{Kind: Constant, Pos: p.pos(n)}
	if n = p.follow(n); n == nil {
		return out
	}
	if depth > maxDepth {
		p.faults.Add(p.pos(n), "nested deeper than %d levels", maxDepth)
		return out
	}
	defer p.inside(n)()
	switch n.Kind {
	case yaml.MappingNode:
		out.Kind = Object
		for _, kv := range p.pairs(n) {
			out.Fields = append(out.Fields, Field{p.pos(kv.key), kv.key.Value, p.expected(kv.value, depth+1)})
		}
	case yaml.SequenceNode:
		out.Kind = List
		for _, c := range n.Content {
			out.Items = append(out.Items, p.expected(c, depth+1))
		}
	default:
		out.Scalar = scalar(n)
	}
	return out
}
