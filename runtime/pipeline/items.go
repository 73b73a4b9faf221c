package pipeline

import (
	"context"

	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
)

// add sends a chunk. Small chunks of merged inputs go together, as many as make a chunk
// of the usual size: each item has a batch of its own, and what these weigh besides
// their rows would fill the row groups. Last says that no chunk with rows follows. It returns false if the run ended meanwhile.
func (r *run) add(ctx context.Context, u *unit, c *source.Chunk, last bool) bool {
	if u.pending != nil && u.pending.size+c.Size() > r.config.Read.ChunkBytes && !r.flush(ctx, u) {
		return false
	}
	if u.pending == nil {
		u.pending = &item{unit: u, done: make(chan struct{}), parts: make(chan *mapped)}
	}
	u.pending.chunks = append(u.pending.chunks, c)
	u.pending.size += c.Size()
	u.pending.whole = last && u.items == 0 && len(u.inputs) == 1
	return r.config.Merge || r.flush(ctx, u)
}

// flush sends the chunks that wait for others.
func (r *run) flush(ctx context.Context, u *unit) bool {
	it := u.pending
	if it == nil {
		return true
	}
	u.pending = nil
	r.share.Move(memory.Reading, -inProgress*int64(it.size), memory.Mapping, inProgress*int64(it.size))
	it.places, it.number = r.placesOf(it.size), u.items
	u.items++
	return r.send(ctx, it)
}

// placesPerChunk is the number of places that a chunk of the usual size takes.
const placesPerChunk = 16

// placesOf is the number of places of that many bytes among the items in progress.
func (r *run) placesOf(size int) int {
	usual := r.config.Read.ChunkBytes
	return min(max(1, (size*placesPerChunk+usual-1)/usual), cap(r.places))
}

// send waits until the item fits among those in progress. It returns false if the run
// ended meanwhile.
func (r *run) send(ctx context.Context, it *item) bool {
	for range it.places {
		select {
		case r.places <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	// The channels have space for as many items as there are places.
	r.items <- it
	if !it.end {
		r.toMap <- it
	}
	return true
}
