package profile

import (
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Bounds of the tree of paths. What is beyond them is counted under `*`.
const (
	mostNames   = 500    // of one object: one with more is a map, whose names are data
	mostPaths   = 10_000 // of all objects
	longestName = 200    // bytes
	anyName     = "*"
)

// node is one place of alerts: its path has no positions in lists.
type node struct {
	path   string
	inside bool // it belongs to what is profiled
	top    int  // index into Profile.tops
	tally  *tally
	field  *field // nil while no leaf is here
	names  map[string]*node
	items  *node // of a list
	any    *node // names beyond a bound
	folded bool  // there were more than mostNames: all are in any
}

// at returns the node that steps lead to.
func (p *Profile) at(steps []alert.Step) *node {
	n := p.root
	for _, s := range steps {
		if s.IsIndex {
			n = p.item(n)
		} else {
			n = p.member(n, s.Name)
		}
	}
	return n
}

func (p *Profile) item(n *node) *node {
	if n.items == nil {
		n.items = p.newNode(n, n.path+"[]")
	}
	return n.items
}

func (p *Profile) member(n *node, name string) *node {
	if kid := n.names[name]; kid != nil {
		return kid
	}
	switch {
	case n.folded, p.paths >= mostPaths, len(name) > longestName, n == p.root && len(n.names) >= mostNames:
		return p.anyMember(n) // the alert itself is not a map
	case len(n.names) >= mostNames:
		p.fold(n)
		return n.any
	}
	if n.names == nil {
		n.names = map[string]*node{}
	}
	path := alert.Path{{Name: name}}.String()
	if n != p.root && path[0] != '[' {
		path = "." + path
	}
	kid := p.newNode(n, n.path+path)
	n.names[strings.Clone(name)] = kid
	return kid
}

func (p *Profile) anyMember(n *node) *node {
	if n.any == nil {
		n.any = p.newNode(n, strings.TrimPrefix(n.path+"."+anyName, "."))
	}
	return n.any
}

// fold puts all members of an object into one.
func (p *Profile) fold(n *node) {
	into := p.anyMember(n)
	n.folded = true
	for _, kid := range n.names {
		p.merge(into, kid)
	}
	n.names = nil
}

func (p *Profile) merge(into, n *node) {
	p.paths--
	if n.field != nil {
		into.fieldOf().merge(n.field)
	}
	if n.items != nil {
		p.merge(p.item(into), n.items)
	}
	if n.any != nil {
		p.merge(p.anyMember(into), n.any)
	}
	for name, kid := range n.names {
		p.merge(p.member(into, name), kid)
	}
}

func (p *Profile) newNode(above *node, path string) *node {
	p.paths++
	n := &node{path: path, inside: p.options.includes(path), top: above.top}
	if above == p.root {
		n.top = p.newTop(path)
	}
	switch path {
	case "rule.groups", "rule.groups[]":
		n.tally = &p.groups
	case "decoder.name":
		n.tally = &p.decoders
	case "location":
		n.tally = &p.locations
	}
	return n
}

// includes reports whether a path is profiled.
func (o *Options) includes(path string) bool {
	in := len(o.Under) == 0
	for _, under := range o.Under {
		in = in || Below(path, under)
	}
	for _, without := range o.Without {
		in = in && !Below(path, without)
	}
	return in
}

// Below reports whether a path is another one or leads through it.
func Below(path, above string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// fieldOf is the field of a node, made when it is first needed.
func (n *node) fieldOf() *field {
	if n.field == nil {
		n.field = &field{}
	}
	return n.field
}

// each visits the node and those below it.
func (n *node) each(visit func(*node)) {
	visit(n)
	for _, kid := range n.names {
		kid.each(visit)
	}
	for _, kid := range []*node{n.items, n.any} {
		if kid != nil {
			kid.each(visit)
		}
	}
}
