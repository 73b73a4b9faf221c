package engine

// Work is what the alerts since Renew took, in steps.
func (w *Worker) Work() int { return w.budget.Work }
