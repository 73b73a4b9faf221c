package alert

import (
	"math"
	"math/bits"
)

// Leaf is one scalar of an alert, as text, with the dotted key of its path. If it has a Group, it
// stands for the leaves of that, and has no key and no value of its own.
type Leaf struct {
	Key, Value string
	Group      *Group
}

// Group is leaves that come together again and again. It never changes, and any number of
// goroutines may read it.
type Group struct {
	ID     uint32 // not 0, and of no other group of the Scanner
	Bytes  int    // of all keys and values
	Leaves []Leaf // without groups
	kept   uint64 // which of the leaves of its passage they are
}

// AppendSingly appends leaves, and in the place of a group the leaves of that.
func AppendSingly(dst, leaves []Leaf) []Leaf {
	for i := range leaves {
		if g := leaves[i].Group; g != nil {
			dst = append(dst, g.Leaves...)
		} else {
			dst = append(dst, leaves[i])
		}
	}
	return dst
}

// mostGroups is how many groups a passage has at most. Readings have their own, and so have lines
// that go on like the first members only.
const mostGroups = 8

// appendPassed appends those leaves of a passage that belong to the rest.
func (r *Reader) appendPassed(dst []Leaf, p *passed) []Leaf {
	kept := uint64(1)<<p.leaves - 1
	if len(p.kept) > 0 {
		kept &= p.kept[r.at]
	}
	if kept == 0 {
		return dst
	}
	for _, g := range p.groups {
		if g.kept == kept {
			dst = append(dst, Leaf{})
			dst[len(dst)-1].Group = g // see put
			return dst
		}
	}
	g := &Group{Leaves: p.some(kept), kept: kept}
	if len(p.groups) == mostGroups || r.sc.ids == math.MaxUint32 {
		return append(dst, g.Leaves...)
	}
	r.sc.ids++
	g.ID = r.sc.ids
	for i := range g.Leaves {
		g.Bytes += len(g.Leaves[i].Key) + len(g.Leaves[i].Value)
	}
	p.groups = append(p.groups, g)
	return append(dst, Leaf{Group: g})
}

// some returns some leaves of the rest of a passage.
func (p *passage) some(kept uint64) []Leaf {
	leaves := make([]Leaf, 0, bits.OnesCount64(kept))
	for ; kept != 0; kept &= kept - 1 {
		l := &p.rest[bits.TrailingZeros64(kept)]
		leaves = append(leaves, Leaf{Key: l.key, Value: p.of(l.passageText, p.text)})
	}
	return leaves
}
