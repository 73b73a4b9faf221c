package pipeline

import (
	"slices"
	"sync"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// Warm keeps what a run has learned and allocated for the runs after it: what its workers
// know of alerts, encoders, buffers. To make these takes longer than a hundred alerts do. What
// a run writes never depends on it.
//
// Any number of runs may have the same Warm at a time. It keeps what is of the Engine, Sources
// and Table of the run that began last, with a JSON copy or without, and no more than one run has: what others had beside
// it is given up. The account of memory has none of it while no run uses it: a few
// megabytes for each worker. Its zero value is ready for use. Close it before what the
// Engine's WebAssembly functions run in.
type Warm struct {
	read source.Memory

	mu      sync.Mutex
	fixed   *fixed           // nil before the first run
	mappers []*mapper        // of fixed, that are idle
	batches [][]*table.Batch // the same, by table, without their blocks
	blocks  [][]uint64
}

// fixed is what all runs with the same Engine, Sources, Table and copies have.
type fixed struct {
	engine  *engine.Engine
	sources []string
	options table.Options
	copies  bool // as JSON

	tables  []lake.Table
	tableOf []int // for each mapping
	encoder *lake.Encoder
}

// mapper makes rows of alerts. It belongs to one worker at a time.
type mapper struct {
	engine  *engine.Worker
	fillers []*table.Filler // one for each mapping, nil for one that drops alerts

	idle      []*table.Batch // to fill, one for each table, nil for none
	idleBytes int            // that they reserve
}

// idleBytes is the most that the batches of a mapper reserve which wait to be filled again.
const idleBytes = 4 << 20

// empty takes a batch to fill.
func (m *mapper) empty(f *fixed, t int) *table.Batch {
	b := m.idle[t]
	if b == nil {
		return f.tables[t].Schema.NewBatch()
	}
	m.idle[t] = nil
	m.idleBytes -= b.Reserved()
	return b
}

// keep takes back a batch that was filled.
func (m *mapper) keep(t int, b *table.Batch) {
	b.Reset()
	if n := b.Reserved(); m.idle[t] == nil && m.idleBytes+n <= idleBytes {
		m.idle[t] = b
		m.idleBytes += n
	}
}

// begin gives what runs like this one have.
func (w *Warm) begin(c *Config) *fixed {
	w.mu.Lock()
	defer w.mu.Unlock()
	copies := c.JSON != nil
	if f := w.fixed; f != nil && f.engine == c.Engine && slices.Equal(f.sources, c.Sources) && f.options == c.Table && f.copies == copies {
		return f
	}
	w.empty()
	f := &fixed{engine: c.Engine, sources: c.Sources, options: c.Table, copies: copies}
	f.tables, f.tableOf = c.tables()
	f.encoder = lake.NewEncoder(f.tables, c.Table, copies)
	w.fixed, w.batches = f, make([][]*table.Batch, len(f.tables))
	return f
}

// mapper takes one that is idle, or makes one.
func (w *Warm) mapper(f *fixed) *mapper {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := len(w.mappers) - 1; n >= 0 && w.fixed == f {
		m := w.mappers[n]
		w.mappers = w.mappers[:n]
		m.engine.CountAnew()
		return m
	}
	m := &mapper{engine: f.engine.NewWorker(), idle: make([]*table.Batch, len(f.tables))}
	for _, t := range f.tableOf {
		var filler *table.Filler
		if t >= 0 {
			filler = f.tables[t].Schema.NewFiller()
		}
		m.fillers = append(m.fillers, filler)
	}
	return m
}

// warmBytes is the most that the blocks of sealed batches take which wait for another run, and
// warmBatches how many batches of a table do: those of one chunk.
const warmBytes, warmBatches = 1 << 20, 1

// pools makes those of a run, one for each table, with what is idle.
func (w *Warm) pools(f *fixed, share *memory.Share, largest int) (pools []*pool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := &blocks{share: share, largest: largest}
	for range f.tables {
		pools = append(pools, &pool{share: share, blocks: k})
	}
	if w.fixed != f {
		return pools
	}
	for _, block := range w.blocks {
		k.put(block)
	}
	w.blocks = nil
	for i, p := range pools {
		for _, b := range w.batches[i] {
			p.keep(b)
		}
		w.batches[i] = nil
	}
	return pools
}

// end takes back what a run had. The mappers of one that was stopped may be in the middle of an
// alert.
func (w *Warm) end(f *fixed, mappers []*mapper, pools []*pool, stopped bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range mappers {
		if stopped || w.fixed != f || len(w.mappers) >= len(mappers) {
			m.engine.Close()
			continue
		}
		m.engine.StopBy(nil)
		w.mappers = append(w.mappers, m)
	}
	if w.fixed != f {
		return
	}
	for i, p := range pools {
		w.batches[i] = p.end(w.batches[i])
		w.blocks = p.blocks.end(w.blocks)
	}
}

// Close gives up everything that is kept. No run may be in progress; one that begins later
// starts again.
func (w *Warm) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.empty()
}

func (w *Warm) empty() {
	for _, m := range w.mappers {
		m.engine.Close()
	}
	w.fixed, w.mappers, w.batches, w.blocks = nil, nil, nil, nil
}
