package table

import (
	"hash/maphash"
	"runtime"
	"sync"
)

// scratch is memory that encoding and writing take and give back. The schemas of a run
// have one: many classes would else keep as many times what one at a time needs.
type scratch struct {
	seed     maphash.Seed
	segments sync.Pool // *[segmentBytes]byte
	buffers  sync.Pool // *[]byte

	atWork   chan struct{} // has an element for each encoder that is at work
	mu       sync.Mutex
	encoders []*encoder // that are free: as many as there were ever at work at once
}

// newScratch returns the scratch of a run. An encoder takes up to 10 MB, and a run may have more
// workers than processors: so no more encoders work at a time than two, or three quarters of
// the processors, which mapping keeps busier than encoding does.
func newScratch() *scratch {
	most := max(2, runtime.GOMAXPROCS(0)*3/4)
	return &scratch{seed: maphash.MakeSeed(), atWork: make(chan struct{}, most)}
}

// encoder takes an encoder for the schema. It waits for one if enough are at work; those
// wait for nothing. A sync.Pool would lose it at the next collection of garbage, and with it
// what zstandard takes.
func (m *scratch) encoder(s *Schema) *encoder {
	m.atWork <- struct{}{}
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(m.encoders) - 1
	if last < 0 {
		e := &encoder{schema: s, ordinals: make(map[*Batch]int), groups: make(map[sourceGroup]int32)}
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
	m.encoders = append(m.encoders, e)
	m.mu.Unlock()
	<-m.atWork
}
