package engine

import "github.com/sluice-lake/sluice/engine/plan"

// Misfit is a value that an event does without; see package plan.
type Misfit = plan.Misfit

// Misfits returns the misfits of the event that the last Apply made; mapping is
// that of its Result. It is for examples: Conversions has the counts.
func (w *Worker) Misfits(mapping int) []Misfit { return w.workers[mapping].Misfits() }
