package pipeline

import (
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/table"
)

// pool keeps what sealed batches of a table consist of, for reuse: those that one group frees,
// because the next chunks need as many before the next group is full, or many small ones. Several
// goroutines may use it at once.
type pool struct {
	share  *memory.Share // of which idle batches take what is free
	blocks *blocks

	mu    sync.Mutex
	empty []*table.Batch
}

// seal returns a sealed copy of a batch.
func (p *pool) seal(b *table.Batch) *table.Batch {
	return b.Seal(p.take(), p.blocks.take(b.Words()))
}

// take returns a copy to be made anew, nil for none.
func (p *pool) take() *table.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.empty) - 1
	if n < 0 {
		return nil
	}
	b := p.empty[n]
	p.empty = p.empty[:n]
	p.share.Reuse(int64(b.Reserved()))
	return b
}

// put returns a batch to the pool. Nothing may refer to it any more. One that was not sealed, but made
// of few rows of many, is given up.
func (p *pool) put(b *table.Batch) {
	block := b.Unseal()
	if block == nil {
		return
	}
	p.blocks.put(block)
	p.keep(b)
}

// keep keeps a batch without its block.
func (p *pool) keep(b *table.Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.share.Keep(int64(b.Reserved())) {
		p.empty = append(p.empty, b)
	}
}

// end ends the pool of a run, and adds to idle what may wait for another.
func (p *pool) end(idle []*table.Batch) []*table.Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	idle = append(idle, p.empty[:min(len(p.empty), max(0, warmBatches-len(idle)))]...)
	p.empty = nil
	return idle
}

// drop gives up all batches, and the blocks of all pools.
func (p *pool) drop() {
	p.blocks.drop()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.empty = nil
}

// blocks keeps the memory of sealed batches for reuse, whatever table they are of. Several goroutines
// may use it at once.
type blocks struct {
	share *memory.Share
	// largest is the largest, in bytes, that is kept: one huge line must not hold its memory
	// for the rest of the run.
	largest int

	mu   sync.Mutex
	free [][]uint64 // ascending by size
}

// fewWords more than needed are not too many for any block.
const fewWords = 512

// take returns a block of n words with any contents, which takes at most a quarter more.
func (k *blocks) take(n int) []uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.place(n)
	if at == len(k.free) || cap(k.free[at]) > n+n/4+fewWords {
		return make([]uint64, n)
	}
	block := k.free[at]
	k.free = slices.Delete(k.free, at, at+1)
	k.share.Reuse(int64(8 * cap(block)))
	return block[:n]
}

// place is where a block of n words would lie.
func (k *blocks) place(n int) int {
	at, _ := slices.BinarySearchFunc(k.free, n, func(block []uint64, n int) int { return cap(block) - n })
	return at
}

func (k *blocks) put(block []uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if n := 8 * cap(block); n <= k.largest && k.share.Keep(int64(n)) {
		k.free = slices.Insert(k.free, k.place(cap(block)), block)
	}
}

// end ends those of a run, and adds to idle what may wait for another: small ones first, since most
// runs that many others follow are small.
func (k *blocks) end(idle [][]uint64) [][]uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	bytes := 0
	for _, block := range idle {
		bytes += 8 * cap(block)
	}
	for _, block := range k.free {
		if bytes += 8 * cap(block); bytes > warmBytes {
			break
		}
		idle = append(idle, block)
	}
	k.free = nil
	return idle
}

// drop gives up all blocks.
func (k *blocks) drop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.free = nil
}
