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
	keeps   bool           // what became of the item has parts of its lines

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

const unmatchedReason = "no mapping of this run matches this alert: see the `when` of each"

func (r *run) newWorker() *worker {
	w := &worker{run: r, mapper: r.config.Warm.mapper(r.fixed), batches: make([]*table.Batch, len(r.tables)), begins: make([]table.Mark, len(r.tables)),
		groups: r.toEncode, spread: newSpread(r.config, len(r.tables))}
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

// apply maps chunks. It looks before each line whether the run has ended, because a line
// can be long work.
func (w *worker) apply(ctx context.Context, it *item) error {
	it.out.rejects.fold, w.keeps = it.unit.foldable, false
	for _, c := range it.chunks {
		w.engine.Renew()
		w.spread.begin()
		for line := range c.Lines() {
			if w.run.over.Load() {
				return nil // the chunks are no longer needed
			}
			w.line(ctx, it, line)
			if w.shares && w.most(&it.out) > w.run.mostShared {
				w.leave()
			}
			if w.shares || w.size(&it.out) < partBytes {
				continue
			}
			if err := w.part(ctx, it); err != nil {
				return err
			}
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
			m.runs[i] = lake.Runs(b)
			m.reserved += int64(b.Reserved())
			w.batches[i] = nil
		}
	}
	w.run.share.Add(memory.Mapping, m.reserved)
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

func (w *worker) line(ctx context.Context, it *item, line source.Line) {
	out := &it.out
	w.keeps = w.keeps || line.Rejected != nil // and with it the origin
	switch {
	case line.Bad != nil, line.Torn != "":
		w.reject(out, line, "", "")
		return
	case line.Blank:
		out.counts.Blank++
		return
	}
	res := w.engine.Apply(line.Text)
	if res.Outcome == engine.Reject {
		if parts := line.Split(); parts != nil {
			out.counts.Lines += int64(len(parts)) - 1 // the reader counted one
			for _, part := range parts {
				w.line(ctx, it, part)
			}
			return
		}
	}
	res.Degraded = res.Degraded || line.Long != nil
	if reason, where := w.refuse(ctx, it, res.Events); reason != "" {
		w.engine.Retract(res.Events)
		res = engine.Result{Outcome: engine.Reject, Reason: reason, Where: where}
	}
	w.outcome(out, line, res)
}

func (w *worker) outcome(out *mapped, line source.Line, res engine.Result) {
	switch res.Outcome {
	case engine.Event:
		out.counts.Taken++
		out.counts.Events += int64(len(res.Events))
		if res.Repaired {
			out.counts.Repaired++
		}
		if res.Degraded {
			out.counts.Degraded++
		}
		for _, m := range res.Events {
			w.event(out, line, m)
		}
	case engine.Unmatched:
		out.counts.Unmatched++
		out.unmatched = append(line.Reject(unmatchedReason, "").AppendJSON(out.unmatched), '\n')
	case engine.Dropped:
		out.counts.Dropped++
	default:
		w.reject(out, line, res.Reason, res.Where.String())
	}
}

func (w *worker) reject(out *mapped, line source.Line, reason, where string) {
	w.keeps = true
	out.counts.Rejects++
	out.rejects.add(line, reason, where)
}

func (w *worker) event(out *mapped, line source.Line, m engine.Mapped) {
	if out.made == nil {
		out.made = make([]int64, len(w.run.tableOf))
	}
	out.made[m.Mapping]++
	w.example(out, line, m.Mapping)
	if w.run.config.Events != nil {
		out.events = append(m.Event.AppendJSON(out.events), '\n')
		return
	}
	t := w.run.tableOf[m.Mapping]
	if w.batches[t] == nil {
		w.batches[t] = w.run.pools[t].take()
	}
	w.fillers[m.Mapping].Append(w.batches[t], m.Event)
}
