package syntax

import (
	"strconv"

	"gopkg.in/yaml.v3"
)

// TableEntry returns the position of the value under a key of a table, or at an
// index of a list; the position of the table if it has no such entry.
func (m *Mapping) TableEntry(table, key string) Pos {
	if p, ok := m.entries[[2]string{table, key}]; ok {
		return p
	}
	return m.TablePos[table]
}

// entries notes the positions of the values of a table.
func (p *parser) entries(m *Mapping, table pair) {
	if m.entries == nil {
		m.entries = map[[2]string]Pos{}
	}
	n := table.value
	for i, value := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			m.entries[[2]string{table.key.Value, strconv.Itoa(i)}] = p.pos(value)
		case i%2 == 1:
			m.entries[[2]string{table.key.Value, n.Content[i-1].Value}] = p.pos(value)
		}
	}
}
