package engine

import "github.com/sluice-lake/sluice/engine/plan"

// What an Explanation is made of; see package plan.
type (
	Rule      = plan.Rule
	From      = plan.From
	Read      = plan.Read
	Named     = plan.Named
	Call      = plan.Call
	Attribute = plan.Attribute
	Leftover  = plan.Leftover
	Condition = plan.Condition
	Transform = plan.Transform
)

// Explanation tells what became of one alert and why. It holds copies of
// everything and may be kept.
type Explanation struct {
	Outcome Outcome
	// Reason and Where are those of a Result.
	Reason string
	Where  *Rule
	// Asked are the mappings that were asked, in order. There are none when the line
	// is no alert, and one is missing when a transform of its stopped the alert
	// before.
	Asked []Asked
	// Made is what the mapping made of it that the outcome is from: the first that
	// took the alert, or that rejected or dropped it. It has nothing but Mapping for
	// an alert that is unmatched.
	Made
	// Also is what the others made that took the alert, in order.
	Also []Made
}

// Made is what one mapping made of an alert. Of a reject, Attributes have the values
// that its event would have had.
type Made struct {
	Mapping    int    // index into Engine.Mappings
	Event      []byte // one JSON object, nil when there is no event
	Attributes []Attribute
	Unmapped   []Leftover
	Transforms []Transform
}

// Asked is one mapping that was asked whether it wants the alert, and what it made
// of it. An alert that one mapping took may still be a reject because of another.
type Asked struct {
	Mapping int        // index into Engine.Mappings
	When    *Condition // nil for a mapping that takes every alert
	Outcome Outcome
	Reason  string // of a reject
}

// Explain is Apply that also tells how the outcome came about. The steps are
// the same, so the event is the same.
func (w *Worker) Explain(line string) Explanation {
	var out Explanation
	line, err := w.scan(line)
	if err != nil {
		return Explanation{Outcome: Reject, Reason: err.Error()}
	}
	made := make([]Made, len(w.workers))
	all := Result{Outcome: Unmatched}
	for i, worker := range w.workers {
		r, e := worker.Explain(func() plan.Result { return w.ask(i, line) })
		if stopped := r.Outcome != Event && r.Outcome != Unmatched && e.When == nil && len(e.Attributes) == 0; !stopped {
			out.Asked = append(out.Asked, Asked{i, e.When, r.Outcome, r.Reason})
		}
		made[i] = Made{Mapping: i, Attributes: e.Attributes, Unmapped: e.Unmapped, Transforms: e.Transforms}
		if r.Event != nil {
			made[i].Event = r.Event.AppendJSON(nil)
		}
		if w.settle(&all, i, r) {
			break
		}
	}
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

// Rules lists the rules of a mapping that give values, in the order of their
// places.
func (e *Engine) Rules(mapping int) []*Rule { return e.plans[mapping].Rules() }
