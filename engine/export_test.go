package engine

// Work is what the alerts since Renew took, in steps.
func (w *Worker) Work() int { return w.budget.Work }

// Spend begins a part of the input of which the alerts have been too much work.
func (w *Worker) Spend() {
	w.Renew()
	for !w.budget.Spent() {
		w.budget.Add(1 << 20)
	}
}
