package pipeline

import (
	"sync"

	"github.com/sluice-lake/sluice/runtime/table"
)

// pool keeps batches for reuse: as many as one group frees, because the next chunks need
// as many before the next group is full. Several goroutines may use it at once.
type pool struct {
	schema *table.Schema
	most   int
	// largest is the greatest weight of a batch that is kept: one huge line must not
	// hold its memory for the rest of the run.
	largest int

	mu   sync.Mutex
	free []*table.Batch
}

func (p *pool) take() *table.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free = p.free[:n-1]
		return b
	}
	return p.schema.NewBatch()
}

// put returns a batch to the pool. Nothing may refer to it any more.
func (p *pool) put(b *table.Batch) {
	if b.Bytes() > p.largest {
		return
	}
	b.Reset()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < p.most {
		p.free = append(p.free, b)
	}
}
