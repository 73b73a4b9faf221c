package plan

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// failure is one value that could not be written, or an object that is left out
// because of what it lacks; it is counted if a value is lost by it.
type failure struct {
	target  *target
	value   alert.Value
	err     error  // of an expression
	lacks   lack   // of an incomplete object
	caption string // of the id beside it, which the value is not
	counted bool
}

// fail notes a failed conversion and marks its originals for `unmapped`.
func (w *Worker) fail(f failure) {
	f.counted = true
	w.failures = append(w.failures, f)
	w.trace.fail(f)
	w.keep(f.target)
}

// leaveOut notes what is left out because of what it lacks. That is not a failed
// conversion, unless live values are lost with it: without `unmapped`, which keeps
// them.
func (w *Worker) leaveOut(f failure, live bool) {
	switch {
	case live && !w.plan.KeepsOriginals:
		w.fail(f)
		return
	case live:
		w.keep(f.target)
	}
	w.failures = append(w.failures, f)
}

func (w *Worker) keep(t *target) {
	w.trace.keep(t)
	for _, i := range t.reads {
		w.kept[i], w.anyKept = true, true
	}
}

// result checks the finished event. It counts the values that the event lacks;
// it counts none for a reject, which keeps the whole alert.
func (w *Worker) result() Result {
	if w.guests.stop != nil {
		for i := range w.failures {
			if f := &w.failures[i]; f.err != nil {
				return w.blame(f)
			}
		}
		return Result{Outcome: Reject, Reason: w.guests.stop.Error()}
	}
	if w.plan.options.Strict {
		for i := range w.failures {
			if f := &w.failures[i]; f.counted {
				return w.blame(f)
			}
		}
	}
	if lacks := w.plan.root.lacks(&w.event.Record); lacks.field != nil {
		return w.lacking("the class", lacks)
	}
	for i := range w.failures {
		if f := &w.failures[i]; f.counted {
			w.Failed[f.target.number]++
		}
	}
	return Result{Outcome: Event, Event: w.event}
}

// lacking rejects the alert because an attribute is missing that its owner
// requires. The reason is the failure that prevented it, if there was one.
func (w *Worker) lacking(owner string, lacks lack) Result {
	field := lacks.field
	for i := range w.failures {
		if f := &w.failures[i]; f.target.field == field || f.target.gives == field {
			return w.blame(f)
		}
	}
	return Result{Outcome: Reject, Reason: owner + " requires " + lacks.String() + ", and its rule gave nothing for this alert", Where: w.plan.ruleOf(field)}
}

// ruleOf returns the rule that gives an attribute, nil if none does.
func (p *Plan) ruleOf(field *ocsf.Field) *Rule {
	for _, t := range p.targets {
		if t.field == field || t.gives == field {
			return &t.Rule
		}
	}
	return nil
}

// TimeRule is the rule that gives the event its `time`, nil if none does.
func (p *Plan) TimeRule() *Rule {
	for _, f := range p.Layout.Fields {
		if f.Cell == p.Layout.TimeCell {
			return p.ruleOf(f)
		}
	}
	return nil
}

// blame rejects the alert because of a failure; for an incomplete object, because
// of what the object lacks.
func (w *Worker) blame(f *failure) Result {
	if f.lacks.field != nil && f.target.profile == "" {
		return w.lacking("`"+f.target.Attribute+"`", f.lacks)
	}
	return Result{Outcome: Reject, Where: &f.target.Rule, Reason: f.reason()}
}

// reason says in a sentence why there is no value.
func (f *failure) reason() string {
	t := f.target
	switch {
	case f.err != nil:
		return fmt.Sprintf("`%s`: the expression failed: %v", t.Attribute, f.err)
	case t.profile != "":
		return fmt.Sprintf("the profile `%s` is left out with its attributes: it requires %s, which the event lacks", t.profile, f.lacks)
	case f.lacks.field != nil:
		return fmt.Sprintf("`%s` is incomplete: it requires %s", t.Attribute, f.lacks)
	case f.caption != "":
		return fmt.Sprintf("`%s` must be %q, the caption of its id, but the alert has %s", t.Attribute, f.caption, preview(f.value))
	}
	return fmt.Sprintf("`%s` accepts %s, but the alert has %s", t.Attribute, t.accept, preview(f.value))
}
