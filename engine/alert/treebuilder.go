package alert

import "github.com/sluice-lake/sluice/engine/jsontext"

// builder reads a tree in one pass, so that depth costs nothing. It may read many: each is
// valid until it reads the next.
type builder struct {
	lexer
	duplicates bool
	root       tree
	open       []tree           // the kids so far of the lists and objects that are being read
	kept       []tree           // the kids of those that were read, which trees alias
	names      []map[string]int // that are free
}

// keepTrees is how many kids' memory is kept for the next tree.
const keepTrees = 8 << 10

// keepNames is how many names a map may have held that is kept.
const keepNames = 1 << 10

// buildTree reads a text. It returns nil if that is not JSON, which cannot happen
// for text that a Scanner accepted.
func buildTree(s string) (t *tree, duplicates bool) {
	b := new(builder)
	return b.build(s), b.duplicates
}

// build is buildTree for many texts.
func (b *builder) build(s string) *tree {
	if cap(b.kept) > keepTrees || cap(b.open) > keepTrees {
		b.kept, b.open = nil, nil
	}
	b.lexer = lexer{budget: len(s) + 1, maxDepth: rawDepth}
	b.duplicates, b.open, b.kept = false, b.open[:0], b.kept[:0]
	end := 0
	if b.root, end = b.value(s, 0, 1); end != len(s) {
		return nil
	}
	return &b.root
}

// forget drops what aliases texts, and keeps the memory.
func (b *builder) forget() {
	b.root = tree{}
	clear(b.open[:cap(b.open)])
	clear(b.kept[:cap(b.kept)])
}

// value returns the tree by value: one for each member would be an allocation.
func (b *builder) value(s string, i, depth int) (t tree, end int) {
	switch {
	case i < len(s) && s[i] == '{':
		t.kids, end = b.object(s, i, depth)
	case i < len(s) && s[i] == '[':
		t.kids, end = b.list(s, i, depth)
	default:
		end = b.skip(s, i, depth)
	}
	if end >= 0 {
		t.text, t.at = s[i:end], i
	}
	return t, end
}

func (b *builder) list(s string, i, depth int) (kids []tree, end int) {
	if depth > b.maxDepth {
		return nil, b.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == ']' {
		return nil, i + 1
	}
	from := len(b.open)
	for more := true; more; {
		item, end := b.value(s, i, depth+1)
		b.open = append(b.open, item)
		i, more = b.next(s, end, ']')
	}
	return b.close(from), i
}

func (b *builder) object(s string, i, depth int) (kids []tree, end int) {
	if depth > b.maxDepth {
		return nil, b.tooDeep(i)
	}
	i = blank(s, i+1)
	if i < len(s) && s[i] == '}' {
		return nil, i + 1
	}
	from := len(b.open)
	var places map[string]int // where there are many names
	for more := true; more; {
		name, at, esc := b.name(s, i)
		if at < 0 {
			return nil, at
		}
		if esc {
			name = string(jsontext.AppendUnescaped(nil, name))
		}
		member, end := b.value(s, at, depth+1)
		member.name = name
		places = b.member(from, places, member)
		i, more = b.next(s, end, '}')
	}
	b.free(places)
	return b.close(from), i
}

// member adds a member to the object whose members begin at from, in place of one of the
// same name.
func (b *builder) member(from int, places map[string]int, member tree) map[string]int {
	members := b.open[from:]
	at, known := 0, false
	if places != nil {
		at, known = places[member.name]
	} else {
		at = (&tree{kids: members}).place(member.name)
		known = at < len(members)
	}
	if known {
		b.duplicates = true
		members[at] = member
		return places
	}
	b.open = append(b.open, member)
	return b.learn(b.open[from:], places)
}

// learn keeps the places of an object with many members in a map. The last member is new.
func (b *builder) learn(members []tree, places map[string]int) map[string]int {
	const many = 16
	switch {
	case len(members) < many:
		return nil
	case places != nil:
		places[members[len(members)-1].name] = len(members) - 1
		return places
	}
	if last := len(b.names) - 1; last >= 0 {
		places, b.names = b.names[last], b.names[:last]
	} else {
		places = make(map[string]int)
	}
	for i := range members {
		places[members[i].name] = i
	}
	return places
}

// free keeps a map for the next object, but not one that held very many names: clearing it
// would take as long for every object after it.
func (b *builder) free(places map[string]int) {
	if places != nil && len(places) <= keepNames {
		clear(places)
		b.names = append(b.names, places)
	}
}

// close takes the kids from a place on, whose list or object has been read.
func (b *builder) close(from int) []tree {
	n := len(b.open) - from
	if cap(b.kept)-len(b.kept) < n {
		b.kept = make([]tree, 0, max(64, 2*cap(b.kept), n)) // trees keep the memory so far
	}
	at := len(b.kept)
	b.kept = append(b.kept, b.open[from:]...)
	b.open = b.open[:from]
	return b.kept[at : at+n : at+n]
}
