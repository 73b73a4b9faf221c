package syntax

import (
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// inherited are the keys that a mapping has from the one that it extends, where it lacks
// them. What fragmentKeys names is joined: that of both counts, and of two of one name that of
// the file. A mapping has its own name, source and place in a set.
var inherited = []string{"schema", "class", "when", "profiles", "absent", "event", "transforms"}

// ofMember are the keys that each mapping of a set has for itself, also in a variant of the set. A
// source the variant may have, if they have none.
var ofMember = []string{"schema", "class", "priority", "when", "also", "otherwise", "drop"}

// Parsed is a mapping, nil if it could not be read at all, with the faults of its file.
type Parsed struct {
	Mapping *Mapping
	Faults  Faults
}

// ParseAll parses a mapping file as Parse does. One that extends a set gives a variant of each
// mapping of the set, all from the same lines.
func ParseAll(file string, d *Document, includes map[string]Include) []Parsed {
	var all []Parsed
	for _, member := range setOf(file, d, includes) {
		m, faults := parse(file, d, includes, member)
		all = append(all, Parsed{m, faults})
	}
	if len(all) > 0 {
		return all
	}
	m, faults := Parse(file, d, includes)
	return []Parsed{{m, faults}}
}

// setOf returns the files of the set that a file extends, by way of other variants too.
func setOf(file string, d *Document, includes map[string]Include) []string {
	for range maxIncludes {
		p := &parser{file: file, seen: map[*yaml.Node]bool{}}
		root := p.root(d)
		if root == nil {
			return nil
		}
		other := ""
		for _, kv := range p.pairs(root) {
			if kv.key.Value == "extends" {
				other = beside(file, p.text(kv).Value)
			}
		}
		in, ok := includes[other]
		if !ok || in.Err != nil || len(in.Set) > 0 {
			return in.Set
		}
		file, d = other, in.Document.Of(in.Text)
	}
	return nil
}

// extend reads the mapping that the file extends, and notes in given the keys that the
// file has from it.
func (p *parser) extend(m *Mapping, pairs []pair, given map[string]bool) {
	p.ofSet = p.including.member != "" && p.including.set == ""
	for _, kv := range pairs {
		given[kv.key.Value] = given[kv.key.Value] || !p.leaves(kv)
		if p.ofSet && kv.key.Value == "source" {
			p.including.source = p.pos(kv.key)
		}
	}
	at := slices.IndexFunc(pairs, func(kv pair) bool { return kv.key.Value == "extends" })
	if at < 0 {
		return
	}
	m.Extends = true
	t := p.text(pairs[at])
	if t.Value == "" {
		m.notRead("")
		return
	}
	keys, in := inherited, p.including
	ofSet := p.ofSet && len(in.files[beside(p.file, t.Value)].Set) > 0
	if ofSet {
		keys = slices.Concat(inherited, ofMember, []string{"source"})
		in.set, t.Value = beside(p.file, t.Value), in.member
	}
	has, builds := buildsOnEvent(pairs)
	before := len(m.Files)
	p.other(m, t, func(inner *parser, pairs []pair) {
		if ofSet {
			inner.sourceOnce(pairs)
		}
		inner.builtOn = builds || p.builtOn && !has
		pairs = slices.DeleteFunc(pairs, func(kv pair) bool {
			key := kv.key.Value
			if key == "event" && inner.builtOn {
				return false
			}
			return key != "extends" && !slices.Contains(fragmentKeys, key) && (given[key] || !slices.Contains(keys, key))
		})
		inner.extend(m, pairs, given)
		inner.first(m, pairs)
		for _, kv := range pairs {
			inner.head(m, kv)
		}
	})
	p.extended = m.Files[before:]
	if builds {
		m.buildOnEvent()
	}
}

// leaves reports whether the file is a variant of a set and the key is one that it leaves to the
// mappings of the set.
func (p *parser) leaves(kv pair) bool { return p.ofSet && slices.Contains(ofMember, kv.key.Value) }

const eachItsOwn = "`%s` has no meaning in a variant of a set, each mapping of which has its own: write it in a variant of one of them, named by its file"

// sourceOnce reports the source of a variant of a set where this mapping of the set has one.
func (p *parser) sourceOnce(pairs []pair) {
	has := slices.ContainsFunc(pairs, func(kv pair) bool { return kv.key.Value == "source" })
	if at := p.including.source; has && at.Line > 0 {
		p.faults.Add(at, eachItsOwn, "source")
	}
}

// named gives a variant of a mapping of a set the name that the file says, and behind it what the
// name of that mapping has behind the name of the set.
func (in *including) named(m *Mapping) {
	if in.member != "" && m.Name.Value != "" {
		m.Name.Value += strings.TrimSuffix(strings.TrimPrefix(in.member, in.set), path.Ext(in.member))
	}
}

// replaces reports whether a definition that this file has, too, is one of the mapping that
// it extends: then its own takes the place of that one.
func (p *parser) replaces(at Pos) bool { return slices.Contains(p.extended, at.File) }

// setLet adds a let, or puts it where the one of its name is: those behind that may use it.
func (m *Mapping) setLet(l Let, there bool) {
	l.Sees = len(m.Let)
	at := -1
	if there {
		at = slices.IndexFunc(m.Let, func(have Let) bool { return have.Name == l.Name })
	}
	if at < 0 {
		m.Let = append(m.Let, l)
		return
	}
	m.Let[at] = l
}
