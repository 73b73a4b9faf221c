package plan

// recall is the results of a unit by the numbers of the values that it followed from.
type recall struct {
	keys    []uint32 // of result i: keys[i*wants : (i+1)*wants]
	results []recalled
	slots   []uint32 // hash table of i+1, 0 is free; a power of two long
	missing int      // i+1 of the result if all values are missing, 0 for none
	looked  int
	fresh   int
	off     bool
}

// find returns the result for a key, or -1, and the hash of the key.
func (m *recall) find(key []uint32) (at int, hash uint32) {
	h := uint64(0x9e3779b97f4a7c15)
	for _, n := range key {
		h = (h ^ uint64(n)) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	hash = uint32(h)
	if len(m.slots) == 0 {
		return -1, hash
	}
	mask := uint32(len(m.slots) - 1)
	for i := hash & mask; m.slots[i] != 0; i = (i + 1) & mask {
		at := int(m.slots[i]) - 1
		if equal(m.keys[at*len(key):(at+1)*len(key)], key) {
			return at, hash
		}
	}
	return -1, hash
}

func equal(a, b []uint32) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// add remembers a result and returns the bytes that it takes besides its cells.
func (m *recall) add(key []uint32, r recalled, hash uint32) (bytes int) {
	m.keys, m.results = append(m.keys, key...), append(m.results, r)
	if 2*len(m.results) > len(m.slots) {
		m.grow(len(key))
	} else {
		m.seat(hash, len(m.results))
	}
	return resultBytes + 4*len(key)
}

func (m *recall) seat(hash uint32, number int) {
	mask := uint32(len(m.slots) - 1)
	i := hash & mask
	for m.slots[i] != 0 {
		i = (i + 1) & mask
	}
	m.slots[i] = uint32(number)
}

// grow makes a larger hash table of all results.
func (m *recall) grow(wants int) {
	slots := make([]uint32, max(16, 2*len(m.slots)))
	m.slots = nil
	hashes := make([]uint32, len(m.results))
	for i := range hashes {
		_, hashes[i] = m.find(m.keys[i*wants : (i+1)*wants])
	}
	m.slots = slots
	for i, hash := range hashes {
		m.seat(hash, i+1)
	}
}

func (m *recall) forget() (bytes int) {
	bytes = resultBytes*len(m.results) + 4*len(m.keys)
	for i := range m.results {
		for j := range m.results[i].cells {
			bytes += cellBytes + len(m.results[i].cells[j].Text)
		}
	}
	clear(m.results)
	m.missing = 0
	m.keys, m.results = m.keys[:0], m.results[:0]
	clear(m.slots)
	return bytes
}
