package lambda

import (
	"context"
	"sync"
)

// memory is what the objects that are worked on at one time share, in bytes.
type memory struct {
	total int64

	mu      sync.Mutex
	free    int64
	changed chan struct{} // closed when free grows
}

const (
	// base is what the program itself, its mappings and the kernel's side of
	// its connections take.
	base = 96 << 20
	// leastWeight is what a run takes however small its object, mostWeight what
	// it takes however large: chunks, rows held back to be sorted, row groups
	// being encoded, and parts being uploaded.
	leastWeight = 12 << 20
	mostWeight  = 256 << 20
	// perByte is how much larger an object becomes in memory than it is in the
	// bucket, where it may be compressed.
	perByte = 40
)

func newMemory(size int64) *memory {
	free := max(size-base, leastWeight)
	return &memory{total: free, free: free, changed: make(chan struct{})}
}

// weigh estimates the memory that an object of size bytes takes.
func weigh(size int64) int64 {
	return min(leastWeight+perByte*min(size, mostWeight), mostWeight)
}

// reserve waits until so much memory is free and takes it; release gives it
// back. An object heavier than the total is worked on alone.
func (m *memory) reserve(ctx context.Context, weight int64) (release func(), err error) {
	weight = min(weight, m.total)
	for {
		m.mu.Lock()
		if m.free >= weight {
			m.free -= weight
			m.mu.Unlock()
			return func() { m.release(weight) }, nil
		}
		changed := m.changed
		m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (m *memory) release(weight int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.free += weight
	close(m.changed)
	m.changed = make(chan struct{})
}
