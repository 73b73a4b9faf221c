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
	Mapping int    // index into Engine.Mappings, for events and for rejects by a rule
	Event   []byte // one JSON object, nil when there is no event
	// Reason and Where are those of a Result.
	Reason string
	Where  *Rule
	// Asked are the mappings that were asked, in order: all but the last did
	// not want the alert. There are none when the line is no alert, and the last
	// is missing when one of its transforms stopped the alert before.
	Asked []Asked
	// Attributes, Unmapped and Transforms come from the last mapping asked. Of a
	// reject, Attributes have the values that its event would have had.
	Attributes []Attribute
	Unmapped   []Leftover
	Transforms []Transform
}

// Asked is one mapping that was asked whether it wants the alert.
type Asked struct {
	Mapping int        // index into Engine.Mappings
	When    *Condition // nil for a mapping that takes every alert
}

// Explain is Apply that also tells how the outcome came about. The steps are
// the same, so the event is the same.
func (w *Worker) Explain(line string) Explanation {
	var out Explanation
	line, err := w.scan(line)
	if err != nil {
		return Explanation{Outcome: Reject, Reason: err.Error()}
	}
	for i, worker := range w.workers {
		r, e := worker.Explain(func() Result { return w.ask(i, line) })
		if stopped := r.Outcome != Event && r.Outcome != Unmatched && e.When == nil && len(e.Attributes) == 0; !stopped {
			out.Asked = append(out.Asked, Asked{i, e.When})
		}
		if r.Outcome == Unmatched {
			continue
		}
		out.Outcome, out.Mapping, out.Reason, out.Where = r.Outcome, i, r.Reason, r.Where
		out.Attributes, out.Unmapped, out.Transforms = e.Attributes, e.Unmapped, e.Transforms
		if r.Event != nil {
			out.Event = r.Event.AppendJSON(nil)
		}
		return out
	}
	out.Outcome = Unmatched
	return out
}

// Rules lists the rules of a mapping that give values, in the order of their
// places.
func (e *Engine) Rules(mapping int) []*Rule { return e.plans[mapping].Rules() }
