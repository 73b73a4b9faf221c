package syntax

import "strings"

// Find returns the position of the rule for a dotted attribute path, or of the
// nearest attribute around it, or else of the event. Steps is how many steps of
// the path the event has.
func (m *Mapping) Find(path string) (at Pos, steps int) {
	if m.Event == nil {
		return posAt(m.File, 1, 1), 0
	}
	return m.Event.find(strings.Split(path, "."))
}

// find also returns how many steps of the path it found.
func (n *Node) find(path []string) (Pos, int) {
	best, depth := n.Pos, 0
	if len(path) == 0 {
		return best, 0
	}
	for _, item := range n.Items {
		if pos, d := item.find(path); d > depth {
			best, depth = pos, d
		}
	}
	for _, f := range n.Fields {
		if f.Name != path[0] {
			continue
		}
		pos, d := f.Pos, 0
		if f.Value != nil {
			if inner, more := f.Value.find(path[1:]); more > 0 {
				pos, d = inner, more
			}
		}
		if d+1 > depth {
			best, depth = pos, d+1
		}
	}
	return best, depth
}
