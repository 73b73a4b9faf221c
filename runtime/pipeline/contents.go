package pipeline

import (
	"encoding/hex"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// contents are those that a run has come across, with the names of the inputs that had them
// first. It is all that a run keeps of an input that is written, so it is small:
// 16 bytes, what a map takes besides, and what its name has of its own.
// Several goroutines may use it at once.
type contents struct {
	mu    sync.Mutex
	first map[fingerprint]origin
	names nameList // of all units, by their numbers
}

// fingerprint stands for a text.
type fingerprint [16]byte

func fingerprintOf(text string) (f fingerprint) {
	_, _ = hex.Decode(f[:], []byte(lake.Digest(text))) // has 32 digits
	return f
}

// origin is the unit that had a content first.
type origin struct {
	unit uint32 // its number
	read bool   // it was read to its end
}

// named notes the name of the next unit.
func (c *contents) named(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names.add(name)
}

// begun notes that a unit has content that is known before it is written, and reports whether an
// earlier one has.
func (c *contents) begun(identity string, number int) (earlier bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f := fingerprintOf(identity)
	o, known := c.first[f]
	if !known {
		c.first[f] = origin{unit: uint32(number)}
	}
	return known && o.unit != uint32(number)
}

// repeat returns the name of the unit with this content that was read to its end, false
// if there is none.
func (c *contents) repeat(identity string) (name string, is bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.first[fingerprintOf(identity)]
	if !o.read {
		return "", false
	}
	return c.names.at(int(o.unit)), true
}

// read notes that a unit with this content was read to its end.
func (c *contents) read(identity string, number int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first[fingerprintOf(identity)] = origin{uint32(number), true}
}
