package table

import (
	"hash/maphash"
	"unsafe"
)

const (
	// Longer texts rarely repeat and are not worth a hash.
	longestShared = 256
	// After this many rows, a column whose texts nearly all differ stops looking them
	// up: the hashes would cost time and save nothing. It depends on the rows alone,
	// as the weight of a batch does, which decides where row groups end.
	trialRows = 256
)

// texts holds the distinct texts of one column of a batch, each under a number.
// Alerts repeat themselves: most texts are found again and cost four bytes. Number 0
// is the empty text.
type texts struct {
	bytes []byte
	ends  []uint32 // text i is bytes[ends[i]:ends[i+1]]
	// A hash table of numbers, each with 32 bits of its hash above it; 0 is free. Its
	// size is a power of two. A Filler lends it, see Filler.lend; find makes it if there is none.
	slots []uint64
	seed  maphash.Seed
	alone bool // no longer looks texts up
	twins bool // texts were not looked up: equal ones may have two numbers

	// Guesses by number of a text, used for the keys of a map: next is the key that
	// came after it, value the value that it had. Last is the number added last.
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
	t.last, t.alone, t.twins = 0, false, false
}

// count is the number of texts.
func (t *texts) count() int { return len(t.ends) - 1 }

// size is the memory in bytes that the texts take, without the table.
func (t *texts) size() int { return len(t.bytes) + 4*len(t.ends) }

// at returns text i, aliasing t.
func (t *texts) at(i uint32) string {
	from, to := t.ends[i], t.ends[i+1]
	if from == to {
		return ""
	}
	return unsafe.String(&t.bytes[from], int(to-from))
}

// add returns the number of s, which it copies if it is new. Hint is a guess, which
// add replaces by the answer.
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
		t.twins = true
		return t.push(s)
	}
	if len(s) == 0 {
		return 0
	}
	if 2*t.count() >= len(t.slots) {
		t.grow()
	}
	hash, mask := t.hash(s), uint64(len(t.slots)-1)
	at := hash & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		if x := t.slots[at]; x>>32 == hash && t.at(uint32(x)) == s {
			return uint32(x)
		}
	}
	id := t.push(s)
	t.slots[at] = hash<<32 | uint64(id)
	return id
}

func (t *texts) hash(s string) uint64 { return maphash.String(t.seed, s) >> 32 }

// judge decides, after the first rows, which have so many values, whether to keep looking
// texts up.
func (t *texts) judge(values int) {
	t.alone = values >= trialRows/2 && 8*t.count() > 7*values
}

func (t *texts) push(s string) uint32 {
	t.bytes = append(t.bytes, s...)
	t.ends = append(t.ends, uint32(len(t.bytes)))
	return uint32(len(t.ends) - 2)
}

// grow doubles the table. Texts that were pushed without a look-up are not in it.
func (t *texts) grow() {
	old := t.slots
	if len(old) == 0 {
		t.index()
		return
	}
	t.slots = make([]uint64, 2*len(old))
	for _, x := range old {
		if x != 0 {
			t.put(x)
		}
	}
}

// index makes the table of the texts that are looked up.
func (t *texts) index() {
	size := 8
	for size <= 2*t.count() {
		size *= 2
	}
	t.slots = make([]uint64, size)
	for id := 1; id < t.count(); id++ {
		if s := t.at(uint32(id)); len(s) <= longestShared {
			t.put(t.hash(s)<<32 | uint64(id))
		}
	}
}

// put adds a text to the table that is not in it.
func (t *texts) put(slot uint64) {
	mask := uint64(len(t.slots) - 1)
	at := slot >> 32 & mask
	for t.slots[at] != 0 {
		at = (at + 1) & mask
	}
	t.slots[at] = slot
}

// hint returns the guess for text id in h, which grows with the texts.
func hint(h *[]uint32, id uint32) *uint32 {
	for int(id) >= len(*h) {
		*h = append(*h, 0)
	}
	return &(*h)[id]
}
