// Package wazuh knows the fields of Wazuh's alerts: names and types, of the alerts
// of 4.x and of the findings of 5.
//
//	path ──► Find ──► kind, or the first name that alerts do not have
//
// It is what checks of mappings ask. An alert may have fields that are not known
// here, and mapping one needs none of this.
package wazuh

import (
	"slices"
	"strings"
	"sync"
)

// Kind is what a field holds.
type Kind uint8

// The kinds. Wazuh gives most values as text.
const (
	Open   Kind = iota // anything: it depends on decoders, or differs between versions
	Object             // an object with known members
	Text
	Number
	Bool
	Time
	List // of texts
)

var kindNames = map[string]Kind{"open": Open, "text": Text, "number": Number, "bool": Bool, "time": Time, "list": List}

// node is a field and its members.
type node struct {
	kind    Kind
	members map[string]*node
}

var root = sync.OnceValue(func() *node {
	top := &node{kind: Object, members: map[string]*node{}}
	for line := range strings.Lines(fields) {
		words := strings.Fields(line)
		for _, name := range words[min(2, len(words)):] {
			if words[0] != "-" {
				name = words[0] + "." + name
			}
			at := top
			for step := range strings.SplitSeq(name, ".") {
				at = at.member(step)
			}
			at.kind = kindNames[words[1]]
		}
	}
	return top
})

func (n *node) member(name string) *node {
	if n.members == nil {
		n.members = map[string]*node{}
	}
	m := n.members[name]
	if m == nil {
		m = &node{kind: Object}
		n.members[name] = m
	}
	return m
}

// Find returns the kind of a field, and -1; or the index of the first name of the
// path that alerts do not have.
func Find(path []string) (Kind, int) {
	at := root()
	for i, name := range path {
		next := at.members[name]
		switch {
		case next == nil && at.kind == Open:
			return Open, -1
		case next == nil:
			return Open, i
		}
		at = next
	}
	return at.kind, -1
}

// Members returns the names of the known members of a field, sorted; for an empty
// path those of the alert.
func Members(path []string) []string {
	at := root()
	for _, name := range path {
		if at = at.members[name]; at == nil {
			return nil
		}
	}
	var names []string
	for name := range at.members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
