package plan

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Explanation tells how one alert fared with one mapping: what each rule read
// and gave. It is made by the same steps that make the event, and holds copies
// of everything.
type Explanation struct {
	// When is the mapping's condition; nil when it has none, or was not asked
	// because the line is no alert.
	When *Condition
	// Attributes are in the order of the mapping's `event`; what class, schema
	// and ids decide follows the rules of the same object.
	Attributes []Attribute
	// Unmapped is what `$rest` and failed conversions left under `unmapped`.
	Unmapped []Leftover
	// Transforms is what transforms did, in their order. Attributes and Unmapped
	// are what the rules made: of the alert as the transforms before them left
	// it, and before those after them changed the event.
	Transforms []Transform
}

// Transform is what a transform from WebAssembly did.
type Transform struct {
	Pos   syntax.Pos
	Stage string // alert or event
	Did   string // a sentence
	Gave  string // JSON of what it made, "" when it changed nothing
}

// Condition is how a `when` was answered.
type Condition struct {
	Rule  *Rule
	From  From
	Holds bool
	Error string // why it could not be answered, "" when it could
}

// Rule is a rule as the mapping has it. Each rule of a Plan is one Rule: the
// pointers in rejects, explanations and Rules are equal where the rule is the
// same.
type Rule struct {
	Pos syntax.Pos
	// Attribute is what it gives, dotted, without positions in lists.
	Attribute string
	// Text is the rule as it stands there, "" for an object. An expression
	// begins with `=`.
	Text string
}

// String gives place and attribute, `file:line:col attribute`; "" for nil.
func (r *Rule) String() string {
	if r == nil {
		return ""
	}
	return r.Pos.String() + " " + r.Attribute
}

// From is what an expression had at hand.
type From struct {
	Reads   []Read
	Lets    []Named // in the order of the mapping; those that were evaluated
	Element string  // JSON of `it`, "" when the expression does not use it
	// Calls are the functions from WebAssembly that were called for it, in order.
	// What a let called stands where the let was first needed.
	Calls []Call
}

// Call is one call of a function from WebAssembly.
type Call struct {
	Function string   // as the expression names it
	Args     []string // JSON of each
	Result   string   // JSON, "" when it gave nothing
	Error    string   // why it failed, "" when it did not
}

// Read is one field of the alert that a rule depends on, through lets and `it`
// too.
type Read struct {
	Name  string // as an expression would name it
	Value string // JSON, "" when the alert has none
}

// Named is a `let` with the value that it had for the alert.
type Named struct {
	Name  string
	Pos   syntax.Pos
	Text  string
	Value string // JSON, "" when it gave nothing
	Error string // why its expression failed, "" when it did not
}

// Attribute is one attribute that was written, or was not.
type Attribute struct {
	// Path leads to it, positions in lists in brackets: attacks[0].tactic.uid.
	// What did not become an item of a list has none in them: attacks[].
	Path string
	// Value is the JSON of what the event has, "" when it has nothing there.
	Value string
	// Rule is nil for what the mapping does not say; Derived then says what it
	// follows from.
	Rule    *Rule
	Derived string
	From    From
	// Conversion says what the attribute's type did to the value, "" when
	// nothing.
	Conversion string
	// Absent says why there is no Value.
	Absent string
	// Lost is the JSON of a value that was made and went away with its object.
	Lost string
}

// Leftover is one entry of `unmapped` that no rule of it gave.
type Leftover struct {
	Key, Value string
	// Attribute names the one whose conversion failed, or cut a text; "" for
	// what `$rest` kept.
	Attribute string
}

// Explain calls apply, which calls the Worker's Apply or ApplyScanned, and tells
// how each attribute came about. The steps are the same and take some ten times
// as long.
func (w *Worker) Explain(apply func() Result) (Result, *Explanation) {
	w.trace = &trace{worker: w, kept: map[int]*target{}}
	defer func() { w.trace = nil }()
	return apply(), &w.trace.out
}

// Rules lists the rules that give values, in the order of their places. An
// attribute that several items give has one for each.
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

// nodeText is a rule's text for people, "" for an object, a list and what could
// not be read.
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
