package alert

// Want is one path that a plan reads. Used takes the leaves at and under it out
// of Reader.Rest; Reader.AppendUnwritten returns those that were not written.
type Want struct {
	Path Path
	Used bool
}

// Limits bound what one alert may cost. A zero field means its default.
type Limits struct {
	Depth  int // lists and objects inside each other; 1000, at most 10,000
	Leaves int // values, with every list and object counted as one; 100,000

	// PathBytes and KeyBytes bound the bytes of the keys of the rest, because every key
	// repeats the names above it: a short line may have very long ones. A list or object
	// whose leaves would have keys of more than PathBytes is one leaf, with its JSON as
	// text; 1 MiB. So is each list and object behind the leaves of an alert whose keys
	// have KeyBytes; 8 MiB.
	PathBytes, KeyBytes int
}

// PathBytes is the default of Limits.PathBytes.
const PathBytes = 1 << 20

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = 1000
	}
	l.Depth = min(l.Depth, rawDepth)
	if l.Leaves <= 0 {
		l.Leaves = 100_000
	}
	if l.KeyBytes <= 0 {
		l.KeyBytes = 8 << 20
	}
	if l.PathBytes <= 0 {
		l.PathBytes = PathBytes
	}
	l.PathBytes = min(l.PathBytes, l.KeyBytes)
	return l
}

// Reading is what one of several users of a scanner reads of every alert: the
// wanted values and, with Rest, the leaves that none of its used wants covers.
type Reading struct {
	Wants []Want
	Rest  bool
}

// Spec is what to read out of alerts. It is immutable and may be shared by any
// number of goroutines.
type Spec struct {
	root     *wantNode
	slots    int // distinct wanted paths
	places   int // nodes of the want tree
	readings []reading
	limits   Limits
	placed   bool // rests differ, so the place of every leaf is kept

	// Bounds of what one scanner remembers.
	nodes     int
	nodeBytes int
}

// reading is a Reading resolved against the want tree.
type reading struct {
	slot []int    // want -> slot
	want []int32  // slot -> want, of several with the same path the last
	own  []uint32 // sets of 32 slots: those of the wants
	keys []string // want -> its path as a key
	keep []bool   // place -> leaves belong to the rest; empty without a rest
	tops []uint32 // sets of 32 slots: those of the used wants that lie under no other
	all  bool     // every leaf that is kept belongs to the rest
	at   int      // its number in the Spec
}

// wantNode is a node of the tree of wanted paths: a place that they lead to or
// through.
type wantNode struct {
	place   int  // its number in the tree
	slot    int  // -1: only passed through
	keep    bool // leaves here belong to the rest of some reading
	tracked bool // duplicate names below matter: to the rest, or to the text of the whole
	spanned bool // values here are noted, see span
	names   map[string]*wantNode
	items   map[int]*wantNode
	order   []*wantNode // names and items in the order of the wants
	step    Step
}

// NewSpec prepares the reading of wants, and of the rest if rest is set. Paths
// may repeat, contain each other, and lead nowhere.
func NewSpec(wants []Want, rest bool, lim Limits) *Spec {
	return NewSharedSpec([]Reading{{wants, rest}}, lim)
}

// NewSharedSpec prepares several readings of the same alerts, so that one scan
// serves them all. A Reader of each returns what its own Scanner would.
// The limit of keys holds for their rests together.
func NewSharedSpec(readings []Reading, lim Limits) *Spec {
	s := &Spec{limits: lim.withDefaults(), nodes: maxNodes, readings: make([]reading, len(readings))}
	// So learned keys alone never exceed the limit of keys.
	s.nodeBytes = min(maxNodeBytes, s.limits.KeyBytes)
	s.root = s.newNode(Step{})
	wanted := make([][]*wantNode, len(readings))
	for i := range readings {
		wanted[i] = s.add(readings[i].Wants)
	}
	s.number(s.root)
	for i := range readings {
		s.readings[i] = s.reading(&readings[i], wanted[i])
	}
	s.root.track(s.root.slot >= 0)
	for i := range s.readings {
		r := &s.readings[i]
		r.at, r.all = i, len(r.keep) > 0 && s.root.agrees(r.keep)
		s.placed = s.placed || len(r.keep) > 0 && !r.all
	}
	return s
}

// add puts the wants of one reading into the tree and returns their places.
func (s *Spec) add(wants []Want) []*wantNode {
	nodes := make([]*wantNode, len(wants))
	for i := range wants {
		at := s.root
		for _, step := range wants[i].Path {
			at = s.child(at, step)
		}
		at.slot, nodes[i] = 0, at
	}
	return nodes
}

// number gives the wanted places at and below n slots, in the order of the tree.
func (s *Spec) number(n *wantNode) {
	if n.slot >= 0 {
		n.slot = s.slots
		s.slots++
	}
	for _, c := range n.order {
		s.number(c)
	}
}

// reading resolves one whose wants are at some places.
func (s *Spec) reading(of *Reading, nodes []*wantNode) reading {
	r := reading{slot: make([]int, len(nodes)), keys: make([]string, len(nodes)), tops: make([]uint32, (s.slots+31)/32)}
	used := map[*wantNode]bool{}
	for i, n := range nodes {
		r.slot[i], r.keys[i] = n.slot, of.Wants[i].Path.String()
		used[n] = used[n] || of.Wants[i].Used
	}
	r.own, r.want = s.setOf(r.slot), s.wantsOf(r.slot)
	if of.Rest {
		r.keep = make([]bool, s.places)
		r.cover(s.root, used)
	}
	return r
}

// setOf returns a set of all slots with these in it.
func (s *Spec) setOf(slots []int) []uint32 {
	set := make([]uint32, (s.slots+31)/32)
	for _, at := range slots {
		set[at/32] |= 1 << (at % 32)
	}
	return set
}

// wantsOf returns the inverse of the slots of some wants.
func (s *Spec) wantsOf(slots []int) []int32 {
	wants := make([]int32, s.slots)
	for i, at := range slots {
		wants[at] = int32(i)
	}
	return wants
}

// cover marks which places at and below n belong to the rest of a reading: those
// that no used want covers.
func (r *reading) cover(n *wantNode, used map[*wantNode]bool) {
	if used[n] {
		r.tops[n.slot/32] |= 1 << (n.slot % 32)
		if len(n.order) > 0 {
			n.outline()
		}
		return
	}
	r.keep[n.place], n.keep = true, true
	for _, c := range n.order {
		r.cover(c, used)
	}
}

// track marks where duplicate names matter at and below n.
func (n *wantNode) track(whole bool) {
	n.tracked = n.keep || whole
	for _, c := range n.order {
		c.track(whole)
	}
}

// agrees reports whether a rest has all leaves at and below n that any rest has.
func (n *wantNode) agrees(keep []bool) bool {
	for _, c := range n.order {
		if !c.agrees(keep) {
			return false
		}
	}
	return n.keep == keep[n.place]
}

func (s *Spec) newNode(step Step) *wantNode {
	s.places++
	return &wantNode{place: s.places - 1, slot: -1, step: step, names: map[string]*wantNode{}, items: map[int]*wantNode{}}
}

func (s *Spec) child(p *wantNode, step Step) *wantNode {
	c := p.names[step.Name]
	if step.IsIndex {
		c = p.items[step.Index]
	}
	if c != nil {
		return c
	}
	c = s.newNode(step)
	if step.IsIndex {
		p.items[step.Index] = c
	} else {
		p.names[step.Name] = c
	}
	p.order = append(p.order, c)
	return c
}
