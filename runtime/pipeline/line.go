package pipeline

import (
	"context"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/source"
)

const unmatchedReason = "no mapping of this run matches this alert: see the `when` of each"

// line maps a line.
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
	w.settle(ctx, it, line, w.engine.Apply(line.Text))
}

// settle has the outcome of a line take effect.
func (w *worker) settle(ctx context.Context, it *item, line source.Line, res engine.Result) {
	out := &it.out
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
		w.batches[t] = w.empty(w.run.fixed, t)
	}
	w.alike.note(t)
	w.fillers[m.Mapping].Append(w.batches[t], m.Event)
}
