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

// find returns the result for a key, or -1.
func (m *recall) find(k *key) int {
	if len(m.slots) == 0 {
		return -1
	}
	mask := uint32(len(m.slots) - 1)
	for i := k.hash & mask; m.slots[i] != 0; i = (i + 1) & mask {
		at := int(m.slots[i]) - 1
		if equal(m.numbers(at, k.size), k.list()) {
			return at
		}
	}
	return -1
}

// numbers are the values that a result followed from.
func (m *recall) numbers(at, size int) []uint32 { return m.keys[at*size : (at+1)*size] }

// once has keys of units that came once, by their hashes.
type once [oncePlaces]uint32

// oncePlaces is a power of two.
const oncePlaces = 16 << 10

// again reports whether a key that has no result came before, as far as that is
// still known. To remember what never comes again costs more than to run the steps.
func (o *once) again(number int, hash uint32) bool {
	at := &o[(hash^uint32(number)*0x9e3779b1)%oncePlaces]
	if *at == hash {
		return true
	}
	*at = hash
	return false
}

func hashOf(numbers []uint32) uint32 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, n := range numbers {
		h = (h ^ uint64(n)) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	return uint32(h)
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
func (m *recall) add(k *key, r recalled) (bytes int) {
	m.keys, m.results = append(m.keys, k.list()...), append(m.results, r)
	if k.missing {
		m.missing = len(m.results)
	}
	if 2*len(m.results) > len(m.slots) {
		m.grow(k.size)
	} else {
		m.seat(k.hash, len(m.results))
	}
	return resultBytes + 4*k.size
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
func (m *recall) grow(size int) {
	m.slots = make([]uint32, max(16, 2*len(m.slots)))
	for i := range m.results {
		m.seat(hashOf(m.numbers(i, size)), i+1)
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
