package table

import (
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// schemaBuilder walks a layout and appends elements, leaves and nodes in the
// order of the schema, which is the order of the columns of the file.
type schemaBuilder struct {
	s    *Schema
	path []string
	// What the next leaf is in: a list or flat, a branch or trunk, and branches in all.
	list, branch, depth int
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
	return b.scalar(name, f.Attribute.Type.Kind, member, optional, def+1, rep)
}

func (b *schemaBuilder) group(name string, f *ocsf.Field, def, rep uint8) node {
	n, around := b.node(group, def+1), b.branch
	n.branch = b.s.addBranch(n.def, b.list, around, b.depth)
	b.branch, b.depth = n.branch, b.depth+1
	n.children = b.children(name, f, def+1, rep)
	b.branch, b.depth = around, b.depth-1
	return b.done(n)
}

// children builds those of a group.
func (b *schemaBuilder) children(name string, f *ocsf.Field, def, rep uint8) []node {
	at := b.push(groupElement(name, optional))
	nodes := b.fields(f.Children, def, rep)
	b.pop(at, len(nodes))
	return nodes
}

// items builds the three levels that every reader recognises as a list.
func (b *schemaBuilder) items(f *ocsf.Field, def, rep uint8) node {
	outer := b.push(annotated(groupElement(f.Name, optional), &format.ListType{}))
	inner := b.push(groupElement("list", repeated))
	n := b.node(list, def+1)
	n.cell, n.rep, n.itemCells = f.Cell, rep+1, f.ItemCells
	around := b.newList()
	if f.Attribute.Type == nil { // the item is always there, and no branch
		n.children, n.item = b.children("element", f, def+3, rep+1), def+3
	} else {
		n.children, n.item = []node{b.single("element", f, def+2, rep+1)}, def+2
	}
	b.s.lists[n.firstList].item = n.item
	b.list, b.branch = around.list, around.branch
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
	b.scalar("key", ocsf.String, mapKey, required, def+2, rep+1)
	b.scalar("value", ocsf.String, mapValue, optional, def+3, rep+1)
	b.s.lists[n.firstList].item = def + 2
	b.list, b.branch = around.list, around.branch
	b.pop(inner, 2)
	b.pop(outer, 1)
	return b.done(n)
}

// newList begins a list or map, and returns what is around it.
func (b *schemaBuilder) newList() (around schemaBuilder) {
	around = *b
	b.list, b.branch = len(b.s.lists), trunk
	b.s.lists = append(b.s.lists, members{})
	return around
}

func (b *schemaBuilder) scalar(name string, k ocsf.Kind, own role, r repetition, def, rep uint8) node {
	e, around := scalarElement(name, k, r), def
	if r == optional {
		around--
	}
	b.s.elements = append(b.s.elements, e)
	n := b.node(number, def)
	if e.Type.V == format.ByteArray {
		n.shape = text
	}
	path := append(append([]string(nil), b.path...), name)
	b.s.addLeaf(leaf{path: path, physical: e.Type.V, maxDef: def, maxRep: rep, around: around, list: b.list, branch: b.branch, role: own})
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
	return node{
		shape: s, def: def, list: b.list, branch: trunk, number: -1, pairs: -1,
		first: len(b.s.leaves), firstList: len(b.s.lists), firstBranch: len(b.s.branches),
	}
}

func (b *schemaBuilder) done(n node) node {
	n.last, n.lastList, n.lastBranch = len(b.s.leaves), len(b.s.lists), len(b.s.branches)
	return n
}
