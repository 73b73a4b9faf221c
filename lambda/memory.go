package lambda

import (
	"context"
	"sync"
)

// room is the memory that objects share which are worked on side by side.
type room struct {
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
	// being encoded, and parts on their way.
	leastWeight = 12 << 20
	mostWeight  = 256 << 20
	// perByte is how much larger an object becomes in memory than it is in the
	// bucket, where it may be packed.
	perByte = 40
)

func newRoom(memory int64) *room {
	free := max(memory-base, leastWeight)
	return &room{total: free, free: free, changed: make(chan struct{})}
}

// weigh estimates the memory that an object of so many bytes takes.
func weigh(size int64) int64 {
	return min(leastWeight+perByte*min(size, mostWeight), mostWeight)
}

// take waits until there is room for the weight. What is heavier than all the
// room goes alone.
func (r *room) take(ctx context.Context, weight int64) (give func(), err error) {
	weight = min(weight, r.total)
	for {
		r.mu.Lock()
		if r.free >= weight {
			r.free -= weight
			r.mu.Unlock()
			return func() { r.give(weight) }, nil
		}
		changed := r.changed
		r.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (r *room) give(weight int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free += weight
	close(r.changed)
	r.changed = make(chan struct{})
}
