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
	lists    []members // by leaf.list
	branches []branch
	timeLeaf int // -1 if the layout has no top-level time
	counted  int // nodes of the event's own record
	rowBytes int // the least that a row takes in a Batch
	// flatTexts is how many columns of text are in no list.
	flatTexts int

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
	around   uint8 // definition level of what it is in
	list     int   // number of the innermost list or map that it is in, or flat
	branch   int   // number of the innermost branch that it is in, or trunk
	role     role
}

// flat is the list of a leaf that is in none.
const flat = -1

// trunk is the branch of a leaf that is in none but the row, or the item of its list.
const trunk = -1

// members are what is in a list or map, and not in a list inside it.
type members struct {
	leaves, branches []int
	texts            int   // columns of text among the leaves
	item             uint8 // definition level of an item
	isMap            bool
}

// branch is an optional group of a row, or of an item of a list. A leaf that is absent has the
// definition level of the innermost branch that is there.
type branch struct {
	def    uint8
	list   int // that it is in, or flat
	parent int // the branch around it in this list, or trunk
	depth  int // how many branches are around it, also of lists around this one
	first  int // its first leaf in this list, -1 if it has none
}

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
	// Branch is that of a group, or trunk. Those in it, and it itself: [firstBranch, lastBranch).
	branch, firstBranch, lastBranch int

	children  []node
	itemCells int
	number    int // counts the nodes of the event's own record, -1 inside lists and for what has maps
	pairs     int // counts the maps of the event's own record with them, -1 for others
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
	b := schemaBuilder{s: s, list: flat, branch: trunk}
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
		switch {
		case l.physical != format.ByteArray:
		case l.list == flat:
			s.flatTexts++
		default:
			s.lists[l.list].texts++
		}
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
		if n.shape == pairs {
			n.pairs = s.counted
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

func (s *Schema) addLeaf(l leaf) {
	if l.list != flat {
		s.lists[l.list].isMap = l.role != member
		s.lists[l.list].leaves = append(s.lists[l.list].leaves, len(s.leaves))
	}
	for i := l.branch; i != trunk && s.branches[i].first < 0; i = s.branches[i].parent {
		s.branches[i].first = len(s.leaves)
	}
	s.leaves = append(s.leaves, l)
}

// addBranch adds one that is in others: so many, and in another list if it is the first of its own.
func (s *Schema) addBranch(def uint8, list, parent, depth int) (number int) {
	number = len(s.branches)
	if list != flat {
		s.lists[list].branches = append(s.lists[list].branches, number)
	}
	s.branches = append(s.branches, branch{def: def, list: list, parent: parent, depth: depth, first: -1})
	return number
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
