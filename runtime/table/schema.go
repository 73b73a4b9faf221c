package table

import (
	"strings"
	"sync"

	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Schema is the Parquet schema of a Layout and the program that splits its events
// into columns. Goroutines may share it.
type Schema struct {
	Layout   *ocsf.Layout // of the events, nil for the schema of a file; not to be changed
	elements []format.SchemaElement
	leaves   []leaf
	nodes    []node
	lists    [][]int // by leaf.list: the leaves of a list or map, without those of lists inside it
	timeLeaf int     // -1 if the layout has no top-level time
	counted  int     // nodes of the event's own record
	rowBytes int     // the least that a row takes in a Batch

	footer footerParts

	groups  sync.Pool // *RowGroup
	scratch *scratch
}

// leaf is one column of the file.
type leaf struct {
	path     []string
	physical format.Type
	maxDef   uint8
	maxRep   uint8
	list     int // number of the innermost list or map that it is in, or flat
	role     role
}

// flat is the list of a leaf that is in none.
const flat = -1

// role is the part of its parent that a leaf is. A map's value follows its key.
type role uint8

const (
	member role = iota // of a group or list
	mapKey
	mapValue
)

// shape is how a node's cell is split into leaves.
type shape uint8

const (
	number shape = iota // one leaf, Cell.Num
	text                // one leaf, Cell.Text
	group               // children in the same record
	list                // children in the records of Cell.Items
	pairs               // two leaves, Cell.Pairs
)

// node is a step of the column program: an attribute, or the scalar element of a
// list.
type node struct {
	shape shape
	// def is the definition level if the node is present. If it is absent, the
	// level is that of its parent.
	def uint8
	// rep is the repetition level of the second and later items of a list or
	// entries of a map; item is the definition level of an item.
	rep, item   uint8
	cell        int
	first, last int // its leaves: [first, last)
	list        int // that it is in, or flat
	// The lists and maps in it, and first it itself if it is one: [firstList, lastList).
	firstList, lastList int
	// below are the leaves that get the level of the group around the node if it is absent:
	// those outside lists. The level of a row or of an item needs no write.
	below     []int
	children  []node
	itemCells int
	number    int // counts the nodes of the event's own record, -1 inside lists and for maps
}

// NewSchema compiles a layout. Every attribute is optional, so that a change of an
// attribute's requirement does not change the schema. Groups without attributes,
// which Parquet does not allow, are left out.
func NewSchema(l *ocsf.Layout) *Schema { return NewSchemas(l)[0] }

// NewSchemas compiles the layouts of a run, whose encoding then takes no more memory
// than that of one.
func NewSchemas(layouts ...*ocsf.Layout) []*Schema {
	all, scratch := make([]*Schema, len(layouts)), newScratch()
	for i, l := range layouts {
		all[i] = newSchema(scratch)
		all[i].compile(l)
	}
	return all
}

func newSchema(scratch *scratch) *Schema { return &Schema{timeLeaf: -1, scratch: scratch} }

func (s *Schema) compile(l *ocsf.Layout) {
	s.Layout = l
	s.elements = append(s.elements, groupElement(l.Class.Name, nil))
	b := schemaBuilder{s: s, list: flat}
	s.nodes = b.fields(l.Fields, 0, 0)
	s.count(s.nodes)
	s.elements[0].NumChildren = some(int32(len(s.nodes)))
	for i := range s.nodes {
		n := &s.nodes[i]
		if n.shape == number && n.cell == l.TimeCell && s.leaves[n.first].path[0] == "time" {
			s.timeLeaf = n.first
		}
	}
	s.finish(describe(l))
}

// finish derives from elements and leaves what the writer needs.
func (s *Schema) finish(metadata []keyValue) {
	s.footer = s.newFooterParts(metadata)
	for _, l := range s.leaves {
		s.rowBytes += fixedBytes(l)
	}
}

// count numbers the nodes of the event's own record. Those with maps stay without a
// number: what a map adds to a batch depends on the maps before it.
func (s *Schema) count(nodes []node) {
	for i := range nodes {
		n := &nodes[i]
		if !s.hasMap(n) {
			n.number = s.counted
			s.counted++
		}
		if n.shape == group {
			s.count(n.children)
		}
	}
}

func (s *Schema) hasMap(n *node) bool {
	for _, l := range s.leaves[n.first:n.last] {
		if l.role != member {
			return true
		}
	}
	return false
}

// schemaBuilder walks a layout and appends elements, leaves and nodes in the
// order of the schema, which is the order of the columns of the file.
type schemaBuilder struct {
	s    *Schema
	path []string
	list int // that the next leaf is in, or flat
}

func (b *schemaBuilder) fields(fields []*ocsf.Field, def, rep uint8) []node {
	nodes := make([]node, 0, len(fields))
	for _, f := range fields {
		if hasLeaves(f) {
			nodes = append(nodes, b.field(f, def, rep))
		}
	}
	return nodes
}

// hasLeaves reports whether a field has any column.
func hasLeaves(f *ocsf.Field) bool {
	if f.Attribute.Type != nil {
		return true
	}
	for _, c := range f.Children {
		if hasLeaves(c) {
			return true
		}
	}
	return false
}

func (b *schemaBuilder) field(f *ocsf.Field, def, rep uint8) node {
	if f.List {
		return b.items(f, def, rep)
	}
	n := b.single(f.Name, f, def, rep)
	n.cell = f.Cell
	return n
}

// single builds a field, or an element of a list, that is not a list itself.
func (b *schemaBuilder) single(name string, f *ocsf.Field, def, rep uint8) node {
	if f.Attribute.Type == nil {
		return b.group(name, f, def, rep)
	}
	if f.Attribute.Type.Kind == ocsf.Open {
		return b.open(name, def, rep)
	}
	return b.scalar(name, f.Attribute.Type.Kind, optional, def+1, rep)
}

func (b *schemaBuilder) group(name string, f *ocsf.Field, def, rep uint8) node {
	at := b.push(groupElement(name, optional))
	n := b.node(group, def+1)
	n.children = b.fields(f.Children, def+1, rep)
	b.pop(at, len(n.children))
	for i := range n.children {
		child := &n.children[i]
		for j := child.first; j < child.last; j++ {
			if b.s.leaves[j].list == b.list {
				child.below = append(child.below, j)
			}
		}
	}
	return b.done(n)
}

// items builds the three levels that every reader recognises as a list.
func (b *schemaBuilder) items(f *ocsf.Field, def, rep uint8) node {
	outer := b.push(annotated(groupElement(f.Name, optional), &format.ListType{}))
	inner := b.push(groupElement("list", repeated))
	n := b.node(list, def+1)
	n.cell, n.rep, n.itemCells = f.Cell, rep+1, f.ItemCells
	around := b.newList()
	item := b.single("element", f, def+2, rep+1)
	if item.shape == group {
		n.children, n.item = item.children, def+3
		for i := range n.children {
			n.children[i].below = nil // the item is always there
		}
	} else {
		n.children, n.item = []node{item}, def+2
	}
	b.list = around
	b.pop(inner, 1)
	b.pop(outer, 1)
	return b.done(n)
}

// open builds an open object: a map of text to text.
func (b *schemaBuilder) open(name string, def, rep uint8) node {
	outer := b.push(annotated(groupElement(name, optional), &format.MapType{}))
	inner := b.push(groupElement("key_value", repeated))
	n := b.node(pairs, def+1)
	n.rep, n.item = rep+1, def+3
	around := b.newList()
	b.scalar("key", ocsf.String, required, def+2, rep+1)
	b.scalar("value", ocsf.String, optional, def+3, rep+1)
	b.s.leaves[n.first].role, b.s.leaves[n.first+1].role = mapKey, mapValue
	b.list = around
	b.pop(inner, 2)
	b.pop(outer, 1)
	return b.done(n)
}

// newList begins a list or map, and returns the one around it.
func (b *schemaBuilder) newList() (around int) {
	around, b.list = b.list, len(b.s.lists)
	b.s.lists = append(b.s.lists, nil)
	return around
}

func (b *schemaBuilder) scalar(name string, k ocsf.Kind, r repetition, def, rep uint8) node {
	e := scalarElement(name, k, r)
	b.s.elements = append(b.s.elements, e)
	n := b.node(number, def)
	if e.Type.V == format.ByteArray {
		n.shape = text
	}
	path := append(append([]string(nil), b.path...), name)
	b.s.addLeaf(leaf{path: path, physical: e.Type.V, maxDef: def, maxRep: rep, list: b.list})
	return b.done(n)
}

func (b *schemaBuilder) push(e format.SchemaElement) (at int) {
	b.s.elements = append(b.s.elements, e)
	b.path = append(b.path, e.Name)
	return len(b.s.elements) - 1
}

func (b *schemaBuilder) pop(at, children int) {
	b.s.elements[at].NumChildren = some(int32(children))
	b.path = b.path[:len(b.path)-1]
}

func (b *schemaBuilder) node(s shape, def uint8) node {
	return node{shape: s, def: def, list: b.list, first: len(b.s.leaves), firstList: len(b.s.lists), number: -1}
}

func (b *schemaBuilder) done(n node) node {
	n.last, n.lastList = len(b.s.leaves), len(b.s.lists)
	return n
}

func (s *Schema) addLeaf(l leaf) {
	if l.list != flat {
		s.lists[l.list] = append(s.lists[l.list], len(s.leaves))
	}
	s.leaves = append(s.leaves, l)
}

// fixedBytes is what a column of a Batch takes for every row: the ends of a repeated
// column, the level and value of a flat one.
func fixedBytes(l leaf) int {
	switch {
	case l.maxRep > 0:
		return 8
	case l.physical == format.ByteArray:
		return 5
	}
	return 9
}

// name returns the leaf's dotted path, for messages.
func (l *leaf) name() string { return strings.Join(l.path, ".") }
