package alert

import "strconv"

// Want is one path that a plan reads. Used tells whether reading it takes its
// leaves out of the rest.
type Want struct {
	Path Path
	Used bool
}

// Limits bound what one alert may cost. A zero field means its default.
type Limits struct {
	Depth  int // lists and objects inside each other; 1000, at most 10,000
	Leaves int // values, with every list and object counted as one; 100,000

	// KeyBytes bounds the bytes of all keys of the rest together: a name high
	// up is repeated in every key below it, so a short line may have very long
	// ones. 64 MiB.
	KeyBytes int
}

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = 1000
	}
	l.Depth = min(l.Depth, rawDepth)
	if l.Leaves <= 0 {
		l.Leaves = 100_000
	}
	if l.KeyBytes <= 0 {
		l.KeyBytes = 64 << 20
	}
	return l
}

// Spec is what to read out of alerts. It is immutable and may be shared by any
// number of goroutines.
type Spec struct {
	root   *wantNode
	slots  int      // distinct wanted paths
	slot   []int    // want -> slot
	keys   []string // want -> its path as a key
	limits Limits

	// Bounds of what one scanner remembers.
	nodes     int
	nodeBytes int
}

// wantNode is a node of the tree of wanted paths: a place that they lead to or
// through.
type wantNode struct {
	slot    int // -1: only passed through
	used    bool
	covered bool // by a used want here or above
	keep    bool // leaves here belong to the rest
	track   bool // duplicate names below matter: to the rest, or to the text of the whole
	names   map[string]*wantNode
	items   map[int]*wantNode
	order   []*wantNode // names and items in the order of the wants
	step    Step
}

// NewSpec prepares the reading of wants, and of the rest if rest is set. Paths
// may be there several times, lie above each other, and lead nowhere.
func NewSpec(wants []Want, rest bool, lim Limits) *Spec {
	s := &Spec{root: newWantNode(Step{}), limits: lim.withDefaults(), nodes: maxNodes}
	// Learned keys alone can then never pass the limit of keys.
	s.nodeBytes = min(maxNodeBytes, s.limits.KeyBytes)
	for _, w := range wants {
		at := s.root
		for _, step := range w.Path {
			at = at.child(step)
		}
		if at.slot < 0 {
			at.slot = s.slots
			s.slots++
		}
		at.used = at.used || w.Used
		s.slot = append(s.slot, at.slot)
		s.keys = append(s.keys, w.Path.String())
	}
	s.root.cover(false, rest, s.root.slot >= 0)
	return s
}

func newWantNode(step Step) *wantNode {
	return &wantNode{slot: -1, step: step, names: map[string]*wantNode{}, items: map[int]*wantNode{}}
}

func (p *wantNode) child(step Step) *wantNode {
	c := p.names[step.Name]
	if step.IsList {
		c = p.items[step.Index]
	}
	if c != nil {
		return c
	}
	c = newWantNode(step)
	if step.IsList {
		p.items[step.Index] = c
	} else {
		p.names[step.Name] = c
	}
	p.order = append(p.order, c)
	return c
}

func (p *wantNode) cover(above, rest, whole bool) {
	p.covered = above || p.used
	p.keep = rest && !p.covered
	p.track = p.keep || whole
	for _, c := range p.order {
		c.cover(p.covered, rest, whole)
	}
}

// AppendLeaves appends the leaves at or under wants[i], used or not, with the
// keys that the rest would give them. If their keys came to more than the
// limit, the one leaf is the JSON text of it all. It allocates: it is for the
// rare value that cannot be converted.
func (sc *Scanner) AppendLeaves(dst []Leaf, i int) []Leaf {
	s := &sc.slots[sc.spec.slot[i]]
	if s.epoch != sc.epoch {
		return dst
	}
	key := sc.spec.keys[i]
	switch s.kind {
	case Bool:
		return append(dst, Leaf{key, strconv.FormatBool(s.num != 0)})
	case List, Object:
		w := walk{out: dst, key: []byte(key), limit: sc.spec.limits.KeyBytes}
		if t, _ := buildTree(s.text); t != nil && w.leaves(t, nil) {
			return w.out
		}
		if key == "" {
			key = "alert"
		}
		return append(dst, Leaf{key, s.text})
	}
	if s.text == "" {
		return dst
	}
	return append(dst, Leaf{key, s.text})
}
