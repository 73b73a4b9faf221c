package pipeline

import (
	"sync"

	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
)

// pool keeps batches for reuse: those that one group frees, because the next chunks need
// as many before the next group is full, or many small ones. Several goroutines may use
// it at once.
type pool struct {
	schema *table.Schema
	share  *memory.Share // of which idle batches take what is free
	// largest is the most that a batch in the pool may reserve: one huge line must not
	// hold its memory for the rest of the run.
	largest int

	mu   sync.Mutex
	free []*table.Batch
}

func (p *pool) take() *table.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free) - 1
	if n < 0 {
		return p.schema.NewBatch()
	}
	b := p.free[n]
	p.free = p.free[:n]
	p.share.Reuse(int64(b.Reserved()))
	return b
}

// begin has the pool of a run begin with the batches of another, as far as there is room.
func (p *pool) begin(idle []*table.Batch) {
	for _, b := range idle {
		if p.share.Keep(int64(b.Reserved())) {
			p.free = append(p.free, b)
		}
	}
}

// warmBatch is the most that a batch takes which waits for another run: what a chunk of the
// usual size becomes. No more of them wait than a run of one chunk needs, which are one of the
// worker and one of the rows that are held.
const warmBatch, warmBatches = 1 << 20, 2

// end ends the pool of a run, and adds to idle what may wait for another.
func (p *pool) end(idle []*table.Batch) []*table.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, b := range p.free {
		if b.Reserved() <= warmBatch && len(idle) < warmBatches {
			idle = append(idle, b)
		}
	}
	p.free = nil
	return idle
}

// put returns a batch to the pool. Nothing may refer to it any more.
func (p *pool) put(b *table.Batch) {
	b.Reset()
	n := b.Reserved()
	p.mu.Lock()
	defer p.mu.Unlock()
	if n <= p.largest && p.share.Keep(int64(n)) {
		p.free = append(p.free, b)
	}
}

// drop gives up all batches.
func (p *pool) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free = nil
}
