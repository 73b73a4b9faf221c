package plan

// recall is the results of a unit by the numbers of the values that it followed from, for
// alerts that have the same of its values.
type recall struct {
	unit    *unit
	wants   []int // those of the unit's that the alerts have
	asked   []int
	rare    int  // index into wants of the one that had no number when a key was last made in vain
	keys    keys // of the results
	results []recalled
	bytes   int // that these take, with their keys
	looked  int
	fresh   int
	pause   int // alerts for which it is given up
}

// keys numbers keys of one size, in the order in which they came.
type keys struct {
	numbers []uint32 // of key i: numbers[i*size : (i+1)*size]
	count   int
	slots   []uint32 // hash table of i+1, 0 is free; a power of two long
	last    int      // the key that was found last
}

// find returns the number of a key, or -1.
func (k *keys) find(key []uint32, hash uint32) int {
	if len(k.slots) == 0 {
		return -1
	}
	mask := uint32(len(k.slots) - 1)
	for i := hash & mask; k.slots[i] != 0; i = (i + 1) & mask {
		at := int(k.slots[i]) - 1
		if equal(k.at(at, len(key)), key) {
			return at
		}
	}
	return -1
}

func (k *keys) at(i, size int) []uint32 { return k.numbers[i*size : (i+1)*size] }

// add gives a new key the next number.
func (k *keys) add(key []uint32, hash uint32) {
	k.numbers = append(k.numbers, key...)
	k.count++
	if 2*k.count > len(k.slots) {
		k.grow(len(key))
	} else {
		k.seat(hash, k.count)
	}
}

func (k *keys) seat(hash uint32, number int) {
	mask := uint32(len(k.slots) - 1)
	i := hash & mask
	for k.slots[i] != 0 {
		i = (i + 1) & mask
	}
	k.slots[i] = uint32(number)
}

// grow makes a larger hash table of all keys.
func (k *keys) grow(size int) {
	k.slots = make([]uint32, max(16, 2*len(k.slots)))
	for i := range k.count {
		k.seat(hashOf(k.at(i, size)), i+1)
	}
}

func (k *keys) forget() {
	k.numbers, k.count = k.numbers[:0], 0
	clear(k.slots)
}

// once has keys of units that came once, by their hashes.
type once [oncePlaces]uint32

// oncePlaces is a power of two.
const oncePlaces = 16 << 10

// again reports whether a key that has no result came before, as far as that is
// still known. To remember what never comes again costs more than to run the steps.
func (o *once) again(number, hash uint32) bool {
	at := &o[(hash^number*0x9e3779b1)%oncePlaces]
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

// add remembers a result whose cells take that many bytes, and returns what it takes with them.
func (m *recall) add(k *key, r recalled, cells int) (bytes int) {
	m.keys.add(k.list(), k.hash)
	r.takes = resultBytes + 4*k.size + cells
	m.results = append(m.results, r)
	m.bytes += r.takes
	return r.takes
}

// use counts that a result is used.
func (m *recall) use(at int) *recalled {
	r := &m.results[at]
	r.used = min(r.used, mostUses-1) + 1
	return r
}

// forgetRare halves how often each result was used, forgets those of which nothing is left, and
// returns the bytes that they took.
func (m *recall) forgetRare() (bytes int) {
	if len(m.results) == 0 {
		return 0
	}
	k, size, kept := &m.keys, len(m.wants)+len(m.asked), 0
	clear(k.slots)
	for i := range m.results {
		r := &m.results[i]
		if r.used /= 2; r.used == 0 {
			bytes += r.takes
			continue
		}
		copy(k.at(kept, size), k.at(i, size))
		m.results[kept] = *r
		kept++
		k.seat(hashOf(k.at(kept-1, size)), kept)
	}
	clear(m.results[kept:])
	m.results, k.numbers, k.count, k.last = m.results[:kept], k.numbers[:kept*size], kept, 0
	m.bytes -= bytes
	return bytes
}

// forget forgets all results, and returns the bytes that they took.
func (m *recall) forget() (bytes int) {
	bytes, m.bytes = m.bytes, 0
	clear(m.results)
	m.results = m.results[:0]
	m.keys.forget()
	return bytes
}
