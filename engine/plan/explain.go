package plan

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Explanation says what one mapping did with one alert: what each rule read and
// what it gave. The steps that make the event make it. It holds copies of
// everything except rules, which belong to the Plan.
type Explanation struct {
	// When is the mapping's condition; nil if it has none, or if it was not
	// evaluated because the line is not an alert.
	When *Condition
	// Attributes are in the order of the mapping's `event`. In each object, those
	// that follow from the class, the schema or ids come last.
	Attributes []Attribute
	// Unmapped is what `$rest` and failed conversions left under `unmapped`.
	Unmapped []Leftover
	// Transforms is what the transforms did, in order. Attributes and Unmapped are
	// what the rules made, from the alert as changed by its transforms, and before
	// transforms changed the event.
	Transforms []Transform
	// Hidden is how many elements and entries are left out: of a list the first 100
	// elements are explained, and an explanation has bounds of its own.
	Hidden int
}

// Transform is what a transform from WebAssembly did.
type Transform struct {
	Pos   syntax.Pos
	Stage string // alert or event
	Did   string // a sentence
	Gave  string // JSON of its result, "" if it changed nothing
}

// Condition is the result of a `when`.
type Condition struct {
	Rule  *Rule
	From  From
	Holds bool
	Error string // why it could not be evaluated, "" if it could
}

// Rule is one rule of a mapping. A Plan has one Rule for each, so the pointers in
// rejects, explanations and Rules are equal if the rule is the same.
type Rule struct {
	Pos syntax.Pos
	// Attribute is the attribute that it writes, dotted, without positions in
	// lists.
	Attribute string
	// Text is the text of the rule, "" for an object. An expression begins with `=`.
	Text string
}

// String returns place and attribute, `file:line:col attribute`; "" for nil.
func (r *Rule) String() string {
	if r == nil {
		return ""
	}
	return r.Pos.String() + " " + r.Attribute
}

// From is what an expression read.
type From struct {
	Reads []Read
	Lets  []Named // in the order of the mapping; those that were evaluated
	// Elements are the elements of `$each` that the expression uses, outermost
	// first, and `index`.
	Elements []Element
	// Functions are the mapping's own functions that are put in place in the
	// expression and its lets.
	Functions []Defined
	// Calls are the calls of functions from WebAssembly, in order. The calls of a
	// let are with the expression that needed it first.
	Calls []Call
}

// Defined is a function that is an expression, as the mapping defines it.
type Defined struct {
	Signature string // basename(path)
	Pos       syntax.Pos
	Text      string // of the body, with its `=`
}

// Element is an element of a `$each`, or its position.
type Element struct {
	Name  string // it, index, or the name that the mapping gives to the element
	Value string // JSON
}

// Call is one call of a function from WebAssembly.
type Call struct {
	Function string   // as the expression names it
	Args     []string // JSON of each
	Result   string   // JSON, "" if it returned nothing
	Error    string   // why it failed, "" if it did not
}

// Read is one field of the alert that a rule depends on, directly or through lets
// and `it`.
type Read struct {
	Name  string // as an expression would write it
	Value string // JSON, "" if the alert has none
	// Absent means that the value is a text which the mapping takes for nothing.
	Absent bool
}

// Named is a `let` with the value that it had for the alert.
type Named struct {
	Name  string
	Pos   syntax.Pos
	Text  string
	Value string // JSON, "" if it gave nothing
	Error string // why its expression failed, "" if it did not
}

// Attribute is one attribute, whether it was written or not.
type Attribute struct {
	// Path is its path, with positions in lists: attacks[0].tactic.uid. The
	// brackets are empty for what did not become an item of the list: attacks[].
	Path string
	// Value is the JSON of its value, "" if the event does not have the attribute.
	Value string
	// Rule is nil if no rule writes the attribute; Derived then says what the value
	// follows from.
	Rule    *Rule
	Derived string
	From    From
	// Conversion says how the attribute's type changed the value, "" if it did not.
	Conversion string
	// Absent says why there is no Value.
	Absent string
	// Lost is the JSON of a value that was dropped with its object.
	Lost string
}

// Leftover is one entry of `unmapped` that no rule wrote.
type Leftover struct {
	Key, Value string
	// Attribute names the one whose conversion failed, or cut a text; "" for
	// what `$rest` kept.
	Attribute string
}

// Explain calls apply, which must call Apply or ApplyScanned of the Worker, and
// records how each attribute came about. The steps are the same, and take about
// ten times as long.
func (w *Worker) Explain(apply func() Result) (Result, *Explanation) {
	w.trace = newTrace(w)
	w.lend(false)
	defer func() {
		w.trace = nil
		w.lend(true)
	}()
	r := apply()
	w.trace.end()
	return r, &w.trace.out
}

// lend makes the values of each alert in memory that is used again for the next one, or stops
// that for results that are kept, as explanations are.
func (w *Worker) lend(on bool) {
	if w.machine.Arena = nil; on {
		w.machine.Arena = &w.arena
	}
	if w.scanner != nil {
		w.scanner.Keep = !on
	}
}

// Rules returns the rules that give values, in the order of their places. An
// attribute of several items has one rule for each.
func (p *Plan) Rules() []*Rule {
	var out []*Rule
	for i := range p.steps {
		switch s := &p.steps[i]; s.op {
		case opConstant, opPath, opExpression, opAppendConst, opAppendPath, opAppend, opPairs:
			if s.target != nil {
				out = append(out, &s.target.Rule)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *Rule) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return out
}

// nodeText returns the text of a rule, "" for an object, a list, and a value that
// could not be read.
func nodeText(n *syntax.Node) string {
	switch {
	case n == nil:
	case n.Kind == syntax.Constant:
		return n.Scalar.Text
	case n.Kind == syntax.Computed:
		return "=" + n.Expression.Text
	}
	return ""
}

func pathText(p alert.Path) string {
	if len(p) == 0 {
		return "alert"
	}
	return p.String()
}
