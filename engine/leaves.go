package engine

import "github.com/sluice-lake/sluice/engine/alert"

// Fate is what became of one leaf of an alert that was taken.
type Fate uint8

// The fates.
const (
	Kept    Fate = iota // it is under `unmapped`
	Written             // its value is in an attribute of an event, whole or as a part of it
	Failed              // an attribute's type refused it, or the expression that read it failed
	Lost                // it is nowhere: the mapping has no `$rest`
	Empty               // it is null, empty text, or an empty list or object: nothing to keep
)

// leaves is what a Worker needs to tell the fates of leaves.
type leaves struct {
	visitor alert.Visitor
	failed  alert.Origins
	sets    []*alert.Origins // failed, then what each mapping wrote
}

// Leaves calls each for every leaf of the alert that the last Apply took: r is its
// Result, whose Outcome is Event. If several mappings took it, one of them that wrote
// the leaf is enough, and Lost is what none of them kept. Engines of mappings
// without `$rest` need Options.Follow. The Visit is valid during the call.
func (w *Worker) Leaves(r *Result, each func(*alert.Visit, Fate)) {
	l := &w.leaves
	l.failed.Reset()
	l.sets = append(l.sets[:0], &l.failed)
	first, kept := w.workers[r.Mapping], false
	for _, m := range r.Events {
		worker := w.workers[m.Mapping]
		kept = kept || w.engine.plans[m.Mapping].Reading.Rest
		if m.Mapping != r.Mapping && worker.Line() != first.Line() {
			continue // a transform gave it another alert
		}
		worker.AppendFailed(&l.failed)
		if len(l.sets) < 32 {
			l.sets = append(l.sets, worker.Written())
		}
	}
	l.visitor.Leaves(first.Line(), l.sets, func(v *alert.Visit) { each(v, fate(v, kept)) })
}

func fate(v *alert.Visit, kept bool) Fate {
	switch {
	case v.Value.Kind == alert.Nil, v.Value.Kind == alert.Text && v.Value.Text == "", v.Value.IsEmpty():
		return Empty
	case v.In > 1:
		return Written
	case v.In == 1:
		return Failed
	case kept:
		return Kept
	}
	return Lost
}

// EachLeaf calls each for every leaf of the last alert, whatever became of it; there
// are none if it is not an alert.
func (w *Worker) EachLeaf(line string, each func(*alert.Visit)) {
	w.leaves.visitor.Leaves(repaired(line), nil, each)
}
