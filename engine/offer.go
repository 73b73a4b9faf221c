package engine

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine/plan"
)

// offer offers the alert to the mappings, until one ends it. It asks only those of which it
// is not known whether they take such alerts. An alert without anything that a condition
// reads is asked about once in a part of the input: what that takes is not work for those
// after it.
func (w *Worker) offer(r *Result, line string) {
	idle := w.conditions.Idle()
	known := idle && w.idled
	if w.idled = w.idled || idle; known {
		w.budget.Add(1 + len(w.workers)/idlePlans)
	} else {
		w.budget.Add(w.engine.asking)
	}
	w.gates.Begin()
	total := events{}
	for i, worker := range w.workers {
		if w.gates.Refuses(i) {
			if !known {
				w.budget.Add(w.gates.Work(i))
			}
			continue
		}
		if w.exhausted(r) {
			break
		}
		worker.Grown = total.made
		before := w.budget.Done()
		made := w.apply(i, line)
		total.add(worker, made.Outcome)
		if known && made.Outcome == Unmatched {
			w.budget.Reset(before)
		}
		if w.settle(r, i, made) || w.tooMuch(r, total, len(line)) {
			break
		}
	}
	w.gates.End()
}

// What the events of a set may come to for one alert, with what each of them keeps of it
// under `unmapped`: as much as four mappings make of the worst alert.
const (
	setBytes        = 64 << 20
	setBytesPerByte = 32 // of the alert, on top of them
)

// events is what the events of one alert come to so far, in bytes.
type events struct {
	made int // by rules
	kept int // under `unmapped`, by `$rest`
}

// add adds what a mapping has made of the alert.
func (e *events) add(w *plan.Worker, outcome Outcome) {
	if outcome == Event {
		made, kept := w.Bytes()
		e.made, e.kept = e.made+made, e.kept+kept
	}
}

// tooMuch reports whether the events of an alert come to more than they may, and then
// rejects it: hundreds of mappings that keep the same alert make gigabytes of a megabyte.
func (w *Worker) tooMuch(r *Result, e events, alert int) bool {
	if e.made+e.kept <= setBytes+setBytesPerByte*alert || r.Outcome != Event {
		return false
	}
	w.Retract(r.Events)
	*r = Result{Outcome: Reject, Mapping: r.Mapping, Repaired: r.Repaired,
		Reason: fmt.Sprintf("the mappings make more than %d MiB and %d times its bytes of this alert: let fewer of them take it", setBytes>>20, setBytesPerByte)}
	return true
}

// idlePlans is for how many mappings it is a step to know that they take no alert that has
// nothing of what they read.
const idlePlans = 16

// apply offers the alert to a mapping that may take it.
func (w *Worker) apply(i int, line string) plan.Result {
	if w.gates.Takes(i) {
		return w.workers[i].ApplyTaken(line, w.gates.Work(i))
	}
	made := w.ask(i, line)
	w.gates.Learn(i, w.workers[i], made.Outcome)
	return made
}

// exhausted reports whether no mapping may work on the alert any more, which rejects it: one
// alert of a thousand mappings is as much work as many.
func (w *Worker) exhausted(r *Result) bool {
	err := w.budget.Err(w.engine.strict)
	if err != nil {
		w.Retract(r.Events)
		*r = Result{Outcome: Reject, Mapping: r.Mapping, Reason: err.Error(), Repaired: r.Repaired}
	}
	return err != nil
}
