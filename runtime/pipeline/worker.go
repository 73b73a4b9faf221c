package pipeline

import (
	"context"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// worker maps chunks and encodes groups, in one goroutine.
type worker struct {
	run *run
	*mapper
	batches []*table.Batch // of the current item, one for each table, nil while empty
	groups  <-chan *job    // to encode; nil once there are no more
	day     int32          // the last one that was taken
	dayOf   *item          // for which item
	spread  spread         // of the current chunk
	budget  *engine.Budget // of it
	keeps   bool           // what became of the item has parts of its lines

	grouping *alike // nil if the lines of all items are mapped in their order
	alike    *alike // grouping, but nil if those of the current item are

	shares bool         // the current item shares the batches with
	joined []sharer     // those that were mapped before it
	begins []table.Mark // where its rows begin, by table; the zero marks in batches of its own
}

// mapped is the result of mapping the chunks of an item.
type mapped struct {
	counts    Counts
	made      []int64      // events by mapping, nil for none
	runs      [][]lake.Run // for each table
	events    []byte       // JSON lines, when events go to a stream
	rejects   rejects
	unmatched []byte   // JSON lines
	examples  examples // nil unless Config.Examples
	refused   refused
	reserved  int64 // bytes that it has of the run's memory
}

func (r *run) newWorker() *worker {
	w := &worker{run: r, mapper: r.config.Warm.mapper(r.fixed), batches: make([]*table.Batch, len(r.tables)), begins: make([]table.Mark, len(r.tables)),
		groups: r.toEncode, spread: newSpread(r.config, len(r.tables)), budget: new(engine.Budget), grouping: newAlike(r.config, len(r.tables))}
	w.engine.StopBy(&r.over)
	return w
}

// loop works until both kinds of work have ended. Groups go first: they hold memory, and
// others wait for it.
func (w *worker) loop(ctx context.Context) {
	chunks := w.run.toMap
	for w.groups != nil || chunks != nil {
		select {
		case j, ok := <-w.groups:
			w.encode(j, ok)
			continue
		default:
		}
		select {
		case j, ok := <-w.groups:
			w.encode(j, ok)
		case it, ok := <-chunks:
			if !ok {
				chunks = nil
				continue
			}
			more, err := w.take(ctx, it, chunks)
			if err != nil {
				w.run.stop(err)
				return
			}
			if !more {
				chunks = nil
			}
		case <-ctx.Done():
			return
		}
	}
}

// encode encodes a group. Ok is false if there will be no more.
func (w *worker) encode(j *job, ok bool) {
	if !ok {
		w.groups = nil
		return
	}
	j.encoded, j.err = w.run.encoder.Encode(j.group)
	j.reserved += j.encoded.Bytes
	w.run.share.Add(memory.Writing, j.encoded.Bytes)
	close(j.done)
}

// apply maps chunks.
func (w *worker) apply(ctx context.Context, it *item) error {
	it.out.rejects.fold, w.keeps = it.unit.foldable, false
	if w.alike = w.grouping; w.shares {
		w.alike = nil // few lines, whose rows come behind those of other items in their order
	}
	for _, c := range it.chunks {
		*w.budget = engine.Budget{}
		w.engine.RenewWith(w.budget)
		w.spread.begin()
		if err := w.chunk(ctx, it, c); err != nil {
			return err
		}
	}
	if w.run.over.Load() {
		return nil // the last event may be a part of one
	}
	if w.shares {
		w.release(it)
		w.join(it)
		return nil
	}
	w.seal(&it.out)
	w.release(it)
	w.done(it)
	return nil
}

// done passes on the rest of what became of an item.
func (w *worker) done(it *item) {
	it.unit.days.end(it.number)
	w.run.share.Add(memory.Mapping, -inProgress*int64(it.size))
	close(it.done)
}

// chunk maps a chunk. It looks before each line whether the run has ended, because a line can
// be long work.
func (w *worker) chunk(ctx context.Context, it *item, c *source.Chunk) error {
	if w.alike != nil {
		return w.mapAlike(ctx, it, c)
	}
	for line := range c.Lines() {
		if w.run.over.Load() {
			return nil // the chunks are no longer needed
		}
		w.line(ctx, it, line)
		if err := w.makeRoom(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom passes on what became of the lines so far if it takes much memory. An item that shares batches
// leaves these first.
func (w *worker) makeRoom(ctx context.Context, it *item) error {
	if w.shares && w.most(&it.out) > w.run.mostShared {
		w.leave()
	}
	if w.shares || w.size(&it.out) < partBytes {
		return nil
	}
	return w.part(ctx, it)
}

// release gives up the lines of an item that was mapped.
func (w *worker) release(it *item) {
	w.engine.Release()
	for _, c := range it.chunks {
		if !w.keeps {
			c.Release()
		}
	}
	it.chunks = nil
}

// partBytes is the size from which on what became of the first lines of an item goes on
// to the appender, because lines can become much more than they are. It depends on the
// lines alone, since it decides where batches end.
const partBytes = 8 << 20

// size is the bytes of what became of lines so far.
func (w *worker) size(m *mapped) int {
	n := m.rejects.size() + len(m.unmatched) + len(m.events)
	for _, b := range w.batches {
		if b != nil {
			n += b.Bytes()
		}
	}
	return n
}

// seal ends the batches.
func (w *worker) seal(m *mapped) {
	w.releaseFillers()
	m.reserved = int64(m.rejects.size() + cap(m.unmatched) + cap(m.events))
	m.runs = make([][]lake.Run, len(w.batches))
	for i, b := range w.batches {
		if b != nil {
			sealed := w.sealed(i, b)
			m.runs[i] = w.runs(i, sealed)
			m.reserved += int64(sealed.Reserved())
			w.batches[i] = nil
		}
	}
	w.run.share.Add(memory.Mapping, m.reserved)
}

// sealed returns a sealed copy of a batch, which may be filled again.
func (w *worker) sealed(t int, b *table.Batch) *table.Batch {
	sealed := w.run.pools[t].seal(b)
	w.keep(t, b)
	return sealed
}

// releaseFillers ends the batches for those who fill them.
func (w *worker) releaseFillers() {
	for _, f := range w.fillers {
		if f != nil {
			f.Release()
		}
	}
}

// part passes on what became of the lines so far, when it is the item's turn, and then
// waits until there is memory for more, or until everything that was passed on is
// written. Meanwhile it encodes: nobody else may be there to do it.
func (w *worker) part(ctx context.Context, it *item) error {
	m := it.out
	it.out = mapped{rejects: rejects{fold: it.unit.foldable}}
	w.seal(&m)
	w.spread.next()
	for sent := false; !sent; {
		select {
		case it.parts <- &m:
			sent = true
		case j, ok := <-w.groups:
			w.encode(j, ok)
		case <-ctx.Done():
			return nil
		}
	}
	for {
		changed, err := w.run.share.Ask(memory.Mapping, 0)
		if changed == nil || err != nil {
			return err
		}
		select {
		case <-changed:
		case j, ok := <-w.groups:
			w.encode(j, ok)
		case <-ctx.Done():
			return nil
		}
	}
}
