package syntax

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// eventPart is the name of the part that the event of the other mapping is for a variant with an
// event of its own.
const eventPart = "event"

// buildsOnEvent reports whether a mapping has an event, and whether that uses the one of the mapping that it
// extends: as a whole (event), or an attribute of it (event.metadata).
func buildsOnEvent(pairs []pair) (has, builds bool) {
	at := slices.IndexFunc(pairs, func(kv pair) bool { return kv.key.Value == "event" })
	return at >= 0, at >= 0 && usesEvent(pairs[at].value)
}

func usesEvent(n *yaml.Node) bool {
	for i, c := range n.Content {
		part := n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "$part"
		name, _, _ := strings.Cut(c.Value, "(")
		if part && (strings.TrimSpace(name) == eventPart || strings.HasPrefix(name, eventPart+".")) || usesEvent(c) {
			return true
		}
	}
	return false
}

// buildOnEvent makes a part of the event that was read from the mapping that this one extends. If
// that was built on another one, the part of that gets another name.
func (m *Mapping) buildOnEvent() {
	event, older := m.Event, m.part(eventPart)
	if event == nil || older != nil && !older.OfEvent {
		return // it is reported, or another part has the name
	}
	if older != nil {
		older.Name += " of " + older.Pos.File
		(&expander{m: m}).refs(event, func(ref *PartRef) {
			if rest, ok := strings.CutPrefix(ref.Name, eventPart); ok && (rest == "" || rest[0] == '.') {
				ref.Name = older.Name + rest
			}
		})
	}
	m.Parts, m.Event = append(m.Parts, &Part{Pos: event.Pos, Name: eventPart, Value: event, OfEvent: true}), nil
}

// partOf is part, or for the path of an attribute of an event the part of that and the path.
func (m *Mapping) partOf(name string) (part *Part, path []string) {
	if part = m.part(name); part != nil {
		return part, nil
	}
	for _, part := range m.Parts {
		if rest, ok := strings.CutPrefix(name, part.Name+"."); ok && part.OfEvent {
			return part, strings.Split(rest, ".")
		}
	}
	return nil, nil
}

// at is what a path leads to, nil if that is nothing.
func (n *Node) at(path []string) *Node {
	for _, name := range path {
		i := slices.IndexFunc(n.Fields, func(f Field) bool { return f.Name == name })
		if i < 0 || n.Fields[i].Value == nil {
			return nil
		}
		n = n.Fields[i].Value
	}
	return n
}
