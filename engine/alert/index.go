package alert

import "math/bits"

// index finds members by their names. It is immutable.
type index struct {
	slots  []int32 // a hash table of 1 + the place of the member, 0 is free; a power of two long
	places map[string]int
}

// longestChain bounds the names that are compared. Where names are too much alike, the places
// are in a map: its hashes take longer, but look at all of a name.
const longestChain = 8

func newIndex(members []Member) *index {
	size := 1 << bits.Len(uint(2*len(members)))
	x, mask := &index{slots: make([]int32, size)}, uint64(size-1)
	for i := range members {
		at, chain := nameHash(members[i].Name), 1
		for ; x.slots[at&mask] != 0; at++ {
			if chain++; chain > longestChain {
				return &index{places: placesOf(members)}
			}
		}
		x.slots[at&mask] = int32(i + 1)
	}
	return x
}

func placesOf(members []Member) map[string]int {
	places := make(map[string]int, len(members))
	for i := range members {
		places[members[i].Name] = i
	}
	return places
}

// find returns the place of the member with a name, or -1.
func (x *index) find(members []Member, name string) int {
	if x.places != nil {
		if i, ok := x.places[name]; ok {
			return i
		}
		return -1
	}
	mask := uint64(len(x.slots) - 1)
	for at := nameHash(name); ; at++ {
		i := int(x.slots[at&mask]) - 1
		if i < 0 || members[i].Name == name {
			return i
		}
	}
}

// nameHash is a hash of the length, the beginning and the end of a name.
func nameHash(name string) uint64 {
	h := uint64(len(name))
	switch {
	case len(name) >= 8:
		h ^= load8(name, 0) ^ bits.RotateLeft64(load8(name, len(name)-8), 29)
	case name != "":
		h ^= uint64(name[0])<<8 | uint64(name[len(name)/2])<<16 | uint64(name[len(name)-1])<<24
	}
	return bits.RotateLeft64(h*0x9e3779b97f4a7c15, 10)
}
