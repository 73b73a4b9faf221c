package syntax

import "slices"

// inherited are the keys that a mapping has from the one that it extends, where it lacks
// them. What fragmentKeys names is joined: that of both counts, and of two of one name that of
// the file. A mapping has its own name, source and place in a set.
var inherited = []string{"schema", "class", "when", "profiles", "absent", "event", "transforms"}

// extend reads the mapping that the file extends, and notes in given the keys that the
// file has from it.
func (p *parser) extend(m *Mapping, pairs []pair, given map[string]bool) {
	for _, kv := range pairs {
		given[kv.key.Value] = true
	}
	at := slices.IndexFunc(pairs, func(kv pair) bool { return kv.key.Value == "extends" })
	if at < 0 {
		return
	}
	t := p.text(pairs[at])
	if t.Value == "" {
		m.notRead("")
		return
	}
	before := len(m.Files)
	p.other(m, t, func(inner *parser, pairs []pair) {
		pairs = slices.DeleteFunc(pairs, func(kv pair) bool {
			key := kv.key.Value
			return key != "extends" && !slices.Contains(fragmentKeys, key) && (given[key] || !slices.Contains(inherited, key))
		})
		inner.extend(m, pairs, given)
		inner.first(m, pairs)
		for _, kv := range pairs {
			inner.head(m, kv)
		}
	})
	p.extended = m.Files[before:]
}

// replaces reports whether a definition that this file has, too, is one of the mapping that
// it extends: then its own takes the place of that one.
func (p *parser) replaces(at Pos) bool { return slices.Contains(p.extended, at.File) }
