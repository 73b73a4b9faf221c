package table

import (
	"hash/maphash"
	"sync"
)

// scratch is memory that encoding and writing take and give back. The schemas of a run
// have one: many classes would else keep as many times what one at a time needs.
type scratch struct {
	seed     maphash.Seed
	segments sync.Pool // *[segmentBytes]byte
	buffers  sync.Pool // *[]byte

	mu       sync.Mutex
	encoders []*encoder // that are free: as many as there were ever at work at once
}

func newScratch() *scratch { return &scratch{seed: maphash.MakeSeed()} }

// encoder takes an encoder for the schema. A sync.Pool would lose it at the next
// collection of garbage, and with it what zstandard takes.
func (m *scratch) encoder(s *Schema) *encoder {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(m.encoders) - 1
	if last < 0 {
		e := &encoder{schema: s, ordinals: make(map[*Batch]int)}
		e.textDict.seed, e.numberDict.seed = m.seed, m.seed
		return e
	}
	e := m.encoders[last]
	m.encoders = m.encoders[:last]
	e.schema = s
	return e
}

// putBack gives an encoder back, which keeps nothing of the rows.
func (m *scratch) putBack(e *encoder) {
	e.release()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.encoders = append(m.encoders, e)
}
