package table

import (
	"hash/maphash"
	"unsafe"
)

const (
	// Longer texts are hardly ever the same twice, and are worth no hash.
	longestShared = 256
	// After so many look-ups a column whose texts nearly all differ stops
	// looking: it would pay for a hash of every value and save nothing.
	trialLookups = 256
	trialMisses  = trialLookups * 7 / 8
)

// texts holds the distinct texts of one column of a batch, each under a number.
// Alerts repeat themselves: most texts are found again, and cost four bytes.
// Number 0 is the empty text.
type texts struct {
	bytes  []byte
	ends   []uint32 // text i is bytes[ends[i]:ends[i+1]]
	slots  []uint32 // hash table of numbers, 0 is free; its size is a power of two
	seed   maphash.Seed
	misses int
	looked int
	alone  bool // shares no more

	// hints[i] is a guess made from text i: in the keys of a map the key that
	// came after it, for the values of a map the value that the key had.
	next, value []uint32
	last        uint32
}

func newTexts(seed maphash.Seed) *texts {
	t := &texts{seed: seed}
	t.reset()
	return t
}

func (t *texts) reset() {
	t.bytes, t.ends = t.bytes[:0], append(t.ends[:0], 0, 0)
	clear(t.slots)
	t.next, t.value = t.next[:0], t.value[:0]
	t.last, t.misses, t.looked, t.alone = 0, 0, 0, false
}

// count is how many numbers there are.
func (t *texts) count() int { return len(t.ends) - 1 }

// size is the memory in bytes that the texts take, the table apart.
func (t *texts) size() int { return len(t.bytes) + 4*len(t.ends) }

// at returns text i, aliasing t.
func (t *texts) at(i uint32) string {
	from, to := t.ends[i], t.ends[i+1]
	if from == to {
		return ""
	}
	return unsafe.String(&t.bytes[from], int(to-from))
}

// add returns the number of s, which is copied if it is new. hint is a guess,
// and the answer is left there.
func (t *texts) add(s string, hint *uint32) uint32 {
	if t.at(*hint) == s {
		return *hint
	}
	id := t.find(s)
	*hint = id
	return id
}

func (t *texts) find(s string) uint32 {
	if t.alone || len(s) > longestShared {
		return t.push(s)
	}
	if len(s) == 0 {
		return 0
	}
	if 2*t.count() >= len(t.slots) {
		t.grow()
	}
	mask := uint32(len(t.slots) - 1)
	at := uint32(maphash.String(t.seed, s)) & mask
	for t.slots[at] != 0 {
		if t.at(t.slots[at]) == s {
			t.looked++
			return t.slots[at]
		}
		at = (at + 1) & mask
	}
	id := t.push(s)
	t.slots[at] = id
	t.looked++
	t.misses++
	if t.looked == trialLookups && t.misses > trialMisses {
		t.alone = true
	}
	return id
}

func (t *texts) push(s string) uint32 {
	t.bytes = append(t.bytes, s...)
	t.ends = append(t.ends, uint32(len(t.bytes)))
	return uint32(len(t.ends) - 2)
}

// grow doubles the table. Texts that were pushed without a look-up get a slot
// as well, which does no harm.
func (t *texts) grow() {
	n := max(64, 2*len(t.slots))
	for n < 4*t.count() {
		n *= 2
	}
	t.slots = make([]uint32, n)
	mask := uint32(n - 1)
	for id := 1; id < t.count(); id++ {
		s := t.at(uint32(id))
		if len(s) > longestShared {
			continue
		}
		at := uint32(maphash.String(t.seed, s)) & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = uint32(id)
	}
}

// hint returns the guess kept for text id in h, which grows with the texts.
func hint(h *[]uint32, id uint32) *uint32 {
	for int(id) >= len(*h) {
		*h = append(*h, 0)
	}
	return &(*h)[id]
}
