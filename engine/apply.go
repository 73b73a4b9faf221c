package engine

import (
	"slices"
	"sync/atomic"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/plan"
)

// Outcome is what became of one alert. Every alert has exactly one.
type Outcome = plan.Outcome

// The outcomes.
const (
	Event     = plan.Event     // it was taken: there are events
	Reject    = plan.Reject    // it could not become an event: Reason and Where say why
	Unmatched = plan.Unmatched // no mapping takes it
	Dropped   = plan.Dropped   // a mapping or a transform dropped it
)

// Result is the outcome of one Apply. It is valid until the next Apply of the same
// Worker.
type Result struct {
	Outcome Outcome
	// Mapping is the index into Engine.Mappings of the one that the outcome is from:
	// the first that took the alert, or that rejected or dropped it.
	Mapping int
	// Events are those of all mappings that took the alert, in the order in which
	// they were tried; empty for every other Outcome.
	Events []Mapped
	// Reason says in a sentence why the alert is rejected.
	Reason string
	// Where is the rule that rejected it, nil if none did (the line is not an
	// alert). It belongs to the Engine and must not be changed.
	Where *Rule
	// Repaired is set if the alert had bytes that are not UTF-8.
	Repaired bool
	// Degraded is set if the alert is beyond a limit, and a list or object of it is kept
	// as text instead of leaf by leaf, or left out where it would make the event too large.
	Degraded bool
}

// Mapped is the event that one mapping made. Its texts may alias the line.
type Mapped struct {
	Mapping int // index into Engine.Mappings
	Event   *ocsf.Event
}

// Worker applies an Engine. It belongs to one goroutine.
type Worker struct {
	engine  *Engine
	workers []*plan.Worker
	scanner *alert.Scanner
	// original is the current line before its repair, "" if it needed none.
	original string
	// condensed is set if the current line is beyond a limit, and the workers have a
	// form of it that is not.
	condensed bool
	events    []Mapped    // memory for those of the current alert
	gates     *plan.Gates // nil to ask each mapping
	leaves    leaves
	budget    *plan.Budget // of the part of the input since Renew, nil before it

	conditions *plan.Conditions // nil to count each question
	idled      bool             // the part had an alert with nothing that these read
}

// NewWorker makes a Worker for the calling goroutine.
func (e *Engine) NewWorker() *Worker {
	w := &Worker{engine: e, scanner: e.spec.NewScanner()}
	shared, memory := 0, plan.NewMemory()
	for _, p := range e.plans {
		if p.ChangesAlerts() {
			w.workers = append(w.workers, p.NewWorker())
			continue
		}
		w.workers = append(w.workers, p.NewSetWorker(w.scanner.NewReader(shared), memory))
		shared++
	}
	w.gates, w.conditions = plan.NewGates(w.sharing()), plan.NewConditions(w.sharing())
	return w
}

// sharing returns the workers that share the scanner, nil for each that has its own.
func (w *Worker) sharing() []*plan.Worker {
	sharing := slices.Clone(w.workers)
	for i, p := range w.engine.plans {
		if p.ChangesAlerts() {
			sharing[i] = nil
		}
	}
	return sharing
}

// Apply maps one alert, given as a line without its end. It scans the alert once
// for all mappings. A mapping whose transforms change alerts scans their result
// again.
//
// Bytes that are not UTF-8 become U+FFFD, and the Result is Repaired; `$rest`
// keeps the line as it came, in base64. Of an alert beyond a limit (values, depth, keys
// of leaves), large lists and objects become texts of their JSON, and where those before it
// have been too much work it becomes the least event of its class: the Result is
// Degraded. With Options.Strict both reject the alert.
func (w *Worker) Apply(line string) (r Result) {
	if err := w.budget.Err(w.engine.strict); err != nil {
		return Result{Outcome: Reject, Reason: err.Error()}
	}
	line, err := w.scan(line)
	if err != nil {
		return Result{Outcome: Reject, Reason: err.Error()}
	}
	r.Outcome, r.Repaired = Unmatched, w.original != ""
	w.offer(&r, line)
	w.degrade(&r)
	return r
}

// degrade notes whether an alert that was taken is beyond a limit. With Options.Strict
// that rejects it.
func (w *Worker) degrade(r *Result) {
	r.Degraded = w.condensed && r.Outcome == Event
	for _, m := range r.Events {
		r.Degraded = r.Degraded || w.workers[m.Mapping].Degraded()
	}
	if !r.Degraded || !w.engine.strict {
		return
	}
	w.Retract(r.Events)
	*r = Result{Outcome: Reject, Mapping: r.Mapping, Reason: "the keys of a list or object would come to more than 1 MiB under `unmapped`: without --strict it is kept there as one text"}
}

// settle adds what mapping i made of the alert to what those before it made of it.
// It reports whether that is the end of the alert.
//
// The alert is one unit: it is taken, with all its events, or it is a reject, with
// none. Else a reject that is run again would double the events made before.
func (w *Worker) settle(all *Result, i int, r plan.Result) (over bool) {
	p := w.engine.plans[i]
	switch r.Outcome {
	case Unmatched:
		return false
	case Event:
		if len(all.Events) == 0 {
			all.become(Event, i, r)
			w.events = w.events[:0]
		}
		w.events = append(w.events, Mapped{i, r.Event})
		all.Events = w.events
		return !p.Also
	case Dropped:
		if len(all.Events) == 0 {
			all.become(Dropped, i, r)
		}
		return true
	}
	if all.Outcome == Unmatched || all.Outcome == Event && !p.OtherwiseNext {
		w.Retract(all.Events)
		all.become(Reject, i, r)
	}
	return !p.OtherwiseNext
}

// Retract takes the failed conversions of the events of the last Apply out of the
// counts, for a caller who rejects the alert.
func (w *Worker) Retract(events []Mapped) {
	for _, m := range events {
		w.workers[m.Mapping].Retract()
	}
}

// become takes the outcome from what mapping i made of the alert.
func (r *Result) become(o Outcome, i int, made plan.Result) {
	r.Outcome, r.Mapping, r.Events, r.Reason, r.Where = o, i, nil, made.Reason, made.Where
}

// ask offers the alert to one mapping.
func (w *Worker) ask(i int, line string) plan.Result {
	if w.engine.plans[i].ChangesAlerts() {
		return w.workers[i].Apply(oneLine(line))
	}
	return w.workers[i].ApplyScanned(line)
}

// CountAnew sets GuestCounts and Conversions to zero, for another user of the Worker.
func (w *Worker) CountAnew() {
	for _, worker := range w.workers {
		worker.CountAnew()
	}
}

// StopBy lets a flag, nil for none, end the work on the current alert, and on all after it: one alert can
// be work for seconds. Results are not to be used once it is set, which any goroutine
// may do.
func (w *Worker) StopBy(flag *atomic.Bool) {
	for _, worker := range w.workers {
		worker.Stop = flag
	}
}

// Renew begins a part of the input. It resets the state of WebAssembly guests, and from the
// first call on the expressions share a budget of steps for each part, beyond which they fail.
// Called at fixed places of the input (the pipeline calls it before each chunk), it makes
// results independent of which worker mapped which alerts.
func (w *Worker) Renew() { w.RenewWith(new(Budget)) }

// Budget bounds what is done for the alerts of a part of the input; the zero value is a new
// one. It belongs to the goroutine of its Workers.
type Budget = plan.Budget

// RenewWith is Renew for Workers, of several Engines, whose alerts are one part of the input:
// they share a Budget.
func (w *Worker) RenewWith(b *Budget) {
	w.budget, w.idled = b, false
	for _, worker := range w.workers {
		worker.Renew(w.budget)
	}
}

// Release drops what aliases the alerts so far: otherwise buffers would keep the memory of
// a few lines long past, and with them that of the chunks that these are parts of. The
// last Result is no longer valid.
func (w *Worker) Release() {
	for _, worker := range w.workers {
		worker.Release()
	}
	clear(w.events[:cap(w.events)])
}

// Close releases the guests. The Worker must not be used afterwards.
func (w *Worker) Close() {
	for _, worker := range w.workers {
		worker.Close()
	}
}

// GuestCounts count what WebAssembly guests did to alerts.
type GuestCounts = plan.GuestCounts

// GuestCounts returns the counts since the Worker was made, or CountAnew was called.
func (w *Worker) GuestCounts() GuestCounts {
	var sum GuestCounts
	for _, worker := range w.workers {
		sum.Add(worker.GuestCounts())
	}
	return sum
}

// Conversions returns how many values could not be converted since the Worker
// was made, or CountAnew was called: for each mapping of the Engine a slice with a count for each of its
// Attributes. The slices belong to the Worker, which keeps counting in them.
func (w *Worker) Conversions() [][]int64 {
	counts := make([][]int64, len(w.workers))
	for i, worker := range w.workers {
		counts[i] = worker.Failed
	}
	return counts
}

// Misfit is a value that an event does without; see package plan.
type Misfit = plan.Misfit

// Misfits returns the misfits of the event that the last Apply made; mapping is
// that of its Result. It is for examples: Conversions has the counts.
func (w *Worker) Misfits(mapping int) []Misfit { return w.workers[mapping].Misfits() }
