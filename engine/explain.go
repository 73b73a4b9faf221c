package engine

import "github.com/sluice-lake/sluice/engine/plan"

// What an Explanation is made of; see package plan.
type (
	Rule      = plan.Rule
	From      = plan.From
	Read      = plan.Read
	Named     = plan.Named
	Call      = plan.Call
	Defined   = plan.Defined
	Element   = plan.Element
	Attribute = plan.Attribute
	Leftover  = plan.Leftover
	Condition = plan.Condition
	Transform = plan.Transform
)

// Explanation says what became of one alert and why. It may be kept: it holds
// copies of everything except rules, which belong to the Engine.
type Explanation struct {
	Outcome Outcome
	// Reason and Where are those of a Result.
	Reason string
	Where  *Rule
	// Asked are the mappings that were tried, in order. It is empty if the line is
	// not an alert, and lacks a mapping if a transform of it stopped the alert.
	Asked []Asked
	// Made is what the mapping made that decided the outcome: the first that took
	// the alert, or the one that rejected or dropped it. For an unmatched alert it is
	// empty.
	Made
	// Also is what the other mappings made that took the alert, in order.
	Also []Made
}

// Made is what one mapping made of an alert. For a reject, Attributes have the
// values that its event would have had.
type Made struct {
	Mapping    int    // index into Engine.Mappings
	Event      []byte // one JSON object, nil if there is no event
	Attributes []Attribute
	Unmapped   []Leftover
	Transforms []Transform
	Hidden     int // elements and entries that are left out; see plan.Explanation
}

// Asked is one mapping that was tried, and its outcome. An alert that one mapping
// took may still be rejected because of another.
type Asked struct {
	Mapping int        // index into Engine.Mappings
	When    *Condition // nil for a mapping that takes every alert
	Outcome Outcome
	Reason  string // of a reject
}

// explained is how many times the work of mapping an alert that of explaining it counts.
const explained = 3

// restBytes are the bytes of leaves under `unmapped` that are a step to explain.
const restBytes = 8

// Explain maps an alert as Apply does, by the same steps, and also reports how
// the outcome came about.
func (w *Worker) Explain(line string) Explanation {
	w.scanner.Keep = true
	defer func() { w.scanner.Keep = false }()
	var out Explanation
	line, err := w.scan(line)
	if err != nil {
		return Explanation{Outcome: Reject, Reason: err.Error()}
	}
	made := make([]Made, len(w.workers))
	all, total := Result{Outcome: Unmatched}, events{}
	for i, worker := range w.workers {
		if w.exhausted(&all) {
			break
		}
		worker.Grown = total.made
		before := w.budget.Done()
		r, e := worker.Explain(func() plan.Result { return w.ask(i, line) })
		_, kept := worker.Bytes()
		w.budget.Add((explained-1)*(w.budget.Done()-before) + kept/restBytes)
		total.add(worker, r.Outcome)
		if stopped := r.Outcome != Event && r.Outcome != Unmatched && e.When == nil && len(e.Attributes) == 0; !stopped {
			out.Asked = append(out.Asked, Asked{i, e.When, r.Outcome, r.Reason})
		}
		made[i] = Made{Mapping: i, Attributes: e.Attributes, Unmapped: e.Unmapped, Transforms: e.Transforms, Hidden: e.Hidden}
		if r.Event != nil {
			made[i].Event = r.Event.AppendJSON(nil)
		}
		if w.settle(&all, i, r) || w.tooMuch(&all, total, len(line)) {
			break
		}
	}
	w.degrade(&all)
	out.Outcome, out.Reason, out.Where = all.Outcome, all.Reason, all.Where
	if all.Outcome != Unmatched {
		out.Made = made[all.Mapping]
	}
	for _, m := range all.Events {
		if m.Mapping != all.Mapping {
			out.Also = append(out.Also, made[m.Mapping])
		}
	}
	return out
}

// Rules returns the rules of a mapping that give values, in the order of their
// places.
func (e *Engine) Rules(mapping int) []*Rule { return e.plans[mapping].Rules() }

// Source is a rule with what its value may come from; see package plan.
type Source = plan.Source

// Sources returns what the value of each rule of a mapping may come from, in the order
// of its event.
func (e *Engine) Sources(mapping int) []Source { return e.plans[mapping].Sources() }
