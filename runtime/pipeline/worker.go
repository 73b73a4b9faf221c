package pipeline

import (
	"context"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
	"github.com/sluice-lake/sluice/runtime/table"
)

// worker maps chunks and encodes groups, in one goroutine.
type worker struct {
	run     *run
	engine  *engine.Worker
	batches []*table.Batch  // of the current item, one for each table, nil while empty
	fillers []*table.Filler // one for each mapping
}

// mapped is the result of mapping the chunks of an item.
type mapped struct {
	counts    Counts
	made      []int64      // events by mapping, nil for none
	runs      [][]lake.Run // for each table
	events    []byte       // JSON lines, when events go to a stream
	rejects   []byte       // JSON lines
	unmatched []byte       // JSON lines
	examples  examples     // nil unless Config.Examples
}

const unmatchedReason = "no mapping of this run matches this alert: see the `when` of each"

func (r *run) newWorker() *worker {
	w := &worker{run: r, engine: r.config.Engine.NewWorker(), batches: make([]*table.Batch, len(r.tables))}
	for _, t := range r.tableOf {
		var f *table.Filler
		if t >= 0 {
			f = r.tables[t].Schema.NewFiller()
		}
		w.fillers = append(w.fillers, f)
	}
	return w
}

// loop works until both kinds of work have ended. Groups go first: they hold memory, and
// the appender waits for them.
func (w *worker) loop(ctx context.Context) {
	defer w.engine.Close()
	groups, chunks := w.run.toEncode, w.run.toMap
	for groups != nil || chunks != nil {
		select {
		case j, ok := <-groups:
			if !ok {
				groups = nil
				continue
			}
			w.encode(j)
			continue
		default:
		}
		select {
		case j, ok := <-groups:
			if !ok {
				groups = nil
				continue
			}
			w.encode(j)
		case it, ok := <-chunks:
			if !ok {
				chunks = nil
				continue
			}
			w.apply(ctx, it)
		case <-ctx.Done():
			return
		}
	}
}

func (w *worker) encode(j *job) {
	j.encoded, j.err = w.run.encoder.Encode(j.group)
	close(j.done)
}

// apply maps chunks. It looks at the context now and then, because a chunk can be long
// work.
func (w *worker) apply(ctx context.Context, it *item) {
	n := 0
	for _, c := range it.chunks {
		w.engine.Renew()
		for line := range c.Lines() {
			if n++; n%256 == 0 && ctx.Err() != nil {
				return // the chunks are no longer needed
			}
			w.line(&it.out, line)
		}
	}
	it.out.runs = make([][]lake.Run, len(w.batches))
	for i, b := range w.batches {
		if b != nil {
			it.out.runs[i] = lake.Runs(b)
			w.batches[i] = nil
		}
	}
	close(it.done)
}

func (w *worker) line(out *mapped, line source.Line) {
	switch {
	case line.Bad != nil, line.Torn != "":
		out.reject(line, "", "")
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
				w.line(out, part)
			}
			return
		}
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
		for _, m := range res.Events {
			w.event(out, line, m)
		}
	case engine.Unmatched:
		out.counts.Unmatched++
		out.unmatched = append(line.Reject(unmatchedReason, "").AppendJSON(out.unmatched), '\n')
	case engine.Dropped:
		out.counts.Dropped++
	default:
		out.reject(line, res.Reason, res.Where.String())
	}
}

func (m *mapped) reject(line source.Line, reason, where string) {
	m.counts.Rejects++
	m.rejects = append(line.Reject(reason, where).AppendJSON(m.rejects), '\n')
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
