package plan

// Misfit is a conversion that failed in an event, and so a value that the event
// does without.
type Misfit struct {
	Attribute int    // index into Plan.Attributes
	Reason    string // a sentence, which may quote the alert
}

// Misfits returns those of the last alert, for which Apply made an event: what it
// counted in Failed. It allocates for each of them.
func (w *Worker) Misfits() []Misfit {
	var all []Misfit
	for i := range w.failures {
		if f := &w.failures[i]; f.counted {
			all = append(all, Misfit{f.target.number, f.reason()})
		}
	}
	return all
}
