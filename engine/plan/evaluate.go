package plan

import (
	"errors"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// CompileExpression compiles one expression that may use whatever the rules of a
// mapping may use: its lets, tables and functions. The event of the mapping is not
// compiled. Workers of the Plan only Evaluate. With faults there is no Plan.
func CompileExpression(e *syntax.Expression, m *syntax.Mapping, o Options) (*Plan, syntax.Faults) {
	c := newCompiler(m, o)
	c.every = true
	c.names()
	p := c.program(e)
	if len(c.faults) > 0 {
		return nil, c.faults.Placed()
	}
	c.guestSet.stages = slices.DeleteFunc(c.guestSet.stages, func(s stage) bool { return s.event })
	out := c.plan(nil, nil)
	out.alone = p
	return out, nil
}

// Evaluation is the result of one expression for one alert.
type Evaluation struct {
	// Kind is that of the value, alert.Nil if the expression failed.
	Kind  alert.Kind
	Value string // JSON, "" if there is none
	From  From
	// Error says in a sentence why there is no value, "" if the expression did not
	// fail.
	Error string
}

// Evaluate evaluates the expression of CompileExpression for one alert, given as a
// line without its end. Transforms of the mapping that change alerts come first.
// The error is about the alert: it is not one, or a transform stopped it.
func (w *Worker) Evaluate(line string) (Evaluation, error) {
	w.trace = newTrace(w)
	defer func() { w.trace = nil }()
	if err := w.evaluated(line); err != nil {
		return Evaluation{}, err
	}
	v, err := w.run(w.plan.alone)
	out := Evaluation{From: w.trace.from(w.plan.alone)}
	if err != nil {
		out.Error = err.Error()
		return out, nil
	}
	out.Kind, out.Value = v.Kind, jsonText(v)
	return out, nil
}

// EvaluateText is Evaluate for those who want the value alone, as text: "" where there
// is none. The text may alias the line.
func (w *Worker) EvaluateText(line string) string {
	if w.evaluated(line) != nil {
		return ""
	}
	v, err := w.run(w.plan.alone)
	switch {
	case err != nil:
		return ""
	case v.Kind == alert.Text:
		return v.Text
	}
	return string(v.AppendText(nil))
}

// evaluated prepares the worker for the expression.
func (w *Worker) evaluated(line string) error {
	line, stopped := w.before(line)
	switch {
	case stopped != nil && stopped.Outcome == Dropped:
		return errors.New("a transform of the mapping dropped the alert")
	case stopped != nil:
		return errors.New(stopped.Reason)
	}
	if err := w.scanner.Scan(line); err != nil {
		var e *alert.Error
		less, ok := "", false
		if errors.As(err, &e) && e.Limit { // as a run takes it
			less, ok = alert.Condense(line, alert.Limits{})
		}
		if !ok || w.scanner.Scan(less) != nil {
			return err
		}
		line = less
	}
	w.begin(line, 0)
	w.read()
	return nil
}
