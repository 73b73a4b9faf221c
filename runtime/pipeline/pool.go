package pipeline

import (
	"sync"

	"github.com/sluice-lake/sluice/runtime/table"
)

// pool keeps batches for reuse: a few, since most of the time a group frees as
// many as the next chunks need. It may be used by several goroutines at once.
type pool struct {
	schema *table.Schema
	most   int

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

// put takes a batch that nothing refers to any more.
func (p *pool) put(b *table.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < p.most {
		b.Reset()
		p.free = append(p.free, b)
	}
}
