package engine

import (
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Evaluation is the result of one expression for one alert; see package plan.
type Evaluation = plan.Evaluation

// Expression is one compiled expression that is in no mapping, with what it needs
// to be evaluated. It belongs to one goroutine.
type Expression struct {
	worker *plan.Worker
	// Settings are those of the mapping whose names it may use.
	Settings []Setting
}

// CompileExpression compiles the text of one expression, whose `=` may be left
// out. It may use what the rules of a mapping without faults may use, its lets, tables and
// functions, if that is not nil. Faults of the text are at places of a
// file called name. The error is a syntax.Faults.
func CompileExpression(name, text string, m *syntax.Mapping, o Options) (*Expression, error) {
	if m == nil {
		m = &syntax.Mapping{File: name}
	}
	p, faults := plan.CompileExpression(syntax.Alone(name, text), m, o)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return &Expression{p.NewWorker(), p.Settings}, nil
}

// Evaluate evaluates the expression for an alert, given as a line without its end.
// Bytes that are not UTF-8 count as U+FFFD. The error says why the line is not an
// alert that the rules of the mapping would see.
func (x *Expression) Evaluate(line string) (Evaluation, error) {
	return x.worker.Evaluate(repaired(line))
}

// Text is the value for an alert as text, "" where there is none. It may alias the line.
func (x *Expression) Text(line string) string { return x.worker.EvaluateText(repaired(line)) }

// Close releases the guests.
func (x *Expression) Close() { x.worker.Close() }
