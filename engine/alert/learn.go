package alert

import (
	"hash/maphash"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// Bounds of what one scanner remembers. Beyond them it forgets everything.
const (
	maxNodes     = 16 << 10
	maxNodeBytes = 4 << 20 // of names and keys
	maxItems     = 1024    // positions remembered of one list
)

// node is a place in alerts that the scanner has seen, or that is wanted.
// Nodes form a tree in which every place is unique.
type node struct {
	quoted string // the name as alerts write it, with quotes and colon; empty if escaped
	head   uint64 // its first word, cut by mask if it is shorter
	mask   uint64
	tail   uint64 // its last word, if it has more than one
	key    string // dotted, made when a leaf first needs it

	next  *node // the sibling that came after this one last time
	first *node // the member that came first inside last time

	credit   int    // see firstCredit
	variants int    // see mostVariants
	seen     uint64 // epoch of the line that last had it
	slot     int    // -1: not wanted
	keep     bool   // leaves belong to the rest
	track    bool   // duplicate names below matter
	deep     bool   // look inside
	far      bool   // items over maxItems are wanted
	isItem   bool
	spanned  bool // its values are noted, see span
	index    int32
	place    int32 // of the wantNode that it has, or the nearest one above it
	id       uint32
	name     string
	parent   *node
	items    []*node
}

// memory is what a scanner remembers of names.
type memory struct {
	seed  maphash.Seed
	table []*node // open addressing, a power of two long, at most half full
	slab  []node
	slabs [][]node
	root  *node
	outer *node // _source under the root
	count int
	bytes int
	nodes int // limit of count
	limit int // of bytes
	full  bool

	passages passages
}

func newMemory(s *Spec) memory {
	m := memory{seed: maphash.MakeSeed(), table: make([]*node, 256), nodes: s.nodes, limit: s.nodeBytes}
	m.root = m.fresh(nil)
	m.seat(m.root, s.root)
	m.outer = m.find(m.root, "_source")
	if m.outer == nil {
		m.outer = m.add(m.root, "_source")
	}
	m.outer.credit = 0 // its members are those of the root
	return m
}

// seat sets what the spec says about the place of n, and makes nodes for all
// wanted places below, whatever the bounds.
func (m *memory) seat(n *node, p *wantNode) {
	n.slot, n.place, n.keep, n.track, n.deep, n.spanned = p.slot, int32(p.place), p.keep, p.tracked, p.tracked || len(p.order) > 0, p.spanned
	for _, c := range p.order {
		switch i := c.step.Index; {
		case !c.step.IsIndex:
			m.seat(m.add(n, c.step.Name), c)
		case i >= maxItems:
			n.far = true
		case i >= 0:
			m.seat(m.addItem(n, i), c)
		}
	}
}

// slabNodes is how many nodes are made at a time.
const slabNodes = 64

// node returns the node with an ID.
func (m *memory) node(id uint32) *node { return &m.slabs[id/slabNodes][id%slabNodes] }

// fresh makes a node that inherits from its parent.
func (m *memory) fresh(parent *node) *node {
	if len(m.slab) == 0 {
		m.slab = make([]node, slabNodes)
		m.slabs = append(m.slabs, m.slab)
	}
	n := &m.slab[0]
	m.slab = m.slab[1:]
	n.id, n.slot, n.parent, n.credit = uint32(m.count), -1, parent, firstCredit
	if parent != nil {
		n.place, n.keep, n.track, n.deep, n.spanned = parent.place, parent.keep, parent.track, parent.track, parent.spanned
		if parent.parent == nil {
			n.credit = topCredit
		}
	}
	m.count++
	return n
}

func (m *memory) hash(parent *node, name string) uint {
	return uint(maphash.String(m.seed, name) ^ uint64(parent.id)*0x9e3779b97f4a7c15)
}

// find returns the node of a member, or nil.
func (m *memory) find(parent *node, name string) *node {
	mask := uint(len(m.table) - 1)
	for h := m.hash(parent, name); ; h++ {
		n := m.table[h&mask]
		if n == nil || n.parent == parent && n.name == name {
			return n
		}
	}
}

// member finds or learns a member. It returns nil beyond the bounds. It copies
// the name, which may be part of the line.
func (m *memory) member(parent *node, name string) *node {
	if n := m.find(parent, name); n != nil {
		return n
	}
	if m.count >= m.nodes || m.bytes+len(name) > m.limit {
		m.full = true
		return nil
	}
	return m.add(parent, name)
}

func (m *memory) add(parent *node, name string) *node {
	n := m.fresh(parent)
	m.bytes += len(name)
	quoted := `"` + name + `":`
	n.name = quoted[1 : len(quoted)-2]
	if end, esc := jsontext.StringEnd(quoted, 1); end == len(name)+1 && !esc {
		n.spell(quoted)
	}
	if 2*m.count > len(m.table) {
		m.grow()
	}
	m.insert(n)
	return n
}

// spell prepares the comparison of the guess with the line.
func (n *node) spell(quoted string) {
	n.quoted = quoted
	n.head, n.mask = load8(quoted+"        ", 0), ^uint64(0)
	if len(quoted) < 8 {
		n.mask >>= 64 - 8*len(quoted)
		n.head &= n.mask
	} else {
		n.tail = load8(quoted, len(quoted)-8)
	}
}

func (m *memory) insert(n *node) {
	mask := uint(len(m.table) - 1)
	h := m.hash(n.parent, n.name)
	for m.table[h&mask] != nil {
		h++
	}
	m.table[h&mask] = n
}

func (m *memory) grow() {
	old := m.table
	m.table = make([]*node, 2*len(old))
	for _, n := range old {
		if n != nil {
			m.insert(n)
		}
	}
}

// item finds or learns position i of a list. Only lists whose
// leaves or names matter are worth learning.
func (m *memory) item(list *node, i int) *node {
	if i < len(list.items) && list.items[i] != nil {
		return list.items[i]
	}
	if !list.track || i >= maxItems {
		return nil
	}
	if m.count >= m.nodes {
		m.full = true
		return nil
	}
	return m.addItem(list, i)
}

func (m *memory) addItem(list *node, i int) *node {
	for len(list.items) <= i {
		list.items = append(list.items, nil)
	}
	n := m.fresh(list)
	n.isItem, n.index, n.spanned = true, int32(i), false
	list.items[i] = n
	return n
}

// makeKey makes the key of a node, and returns false beyond the bounds. It is
// called for a node's first leaf, so a long chain of objects costs one key, not
// one for each level.
func (m *memory) makeKey(n *node) bool {
	size := 0
	var chain []*node
	for at := n; at.parent != nil; at = at.parent {
		chain = append(chain, at)
		size += len(at.name) + 4
	}
	if m.bytes+size > m.limit {
		m.full = true
		return false
	}
	key := make([]byte, 0, size)
	for i := len(chain) - 1; i >= 0; i-- {
		at := chain[i]
		key = Step{Name: at.name, Index: int(at.index), IsIndex: at.isItem}.appendTo(key, len(key) == 0)
	}
	m.bytes += len(key)
	n.key = string(key)
	return true
}
