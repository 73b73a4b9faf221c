// Package mappingtest runs the tests of a mapping.
//
//	syntax.Test and its alert ──► engine.Worker.Explain ──► Result
//
// It compares an outcome with what a test expects, reports for every difference
// which rule made the value, and counts the rules that made one. It reads no file:
// the caller passes the alert's line. It is a package of its own, and not part of
// the command line, so that programs that embed the engine can run the tests of
// their mappings.
package mappingtest

import (
	"strconv"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Result is the outcome of one test. It passed when there are no Differences.
type Result struct {
	Test        *syntax.Test
	Differences []Difference // the first of them
	More        int          // differences that are left out
	Explanation engine.Explanation
}

// Difference is one difference between the outcome and what the test expects.
type Difference struct {
	// Path is the path of the attribute, with positions in lists; "" for the
	// outcome itself.
	Path string
	// Expected and Got are JSON, or words if they are not about a value.
	Expected, Got string
	Pos           syntax.Pos // of the expectation
	// Attribute is the explanation of the path; nil if no rule is about it.
	Attribute *engine.Attribute
}

const nothing = "nothing"

// Run maps the alert (a line without its end) and compares the outcome with what
// the test expects. If a set
// makes several events of it, one of them must be as expected.
func Run(w *engine.Worker, t *syntax.Test, line string) Result {
	r := Result{Test: t, Explanation: w.Explain(line)}
	x, want := &r.Explanation, t.Expect
	switch {
	case len(want.Events) > 0 && x.Outcome == engine.Event:
		r.each(want)
	case len(want.Events) > 0:
		r.outcome(eventsWord(len(want.Events)), want.Pos)
	case want.Event != nil && x.Outcome == engine.Event:
		r.events(want)
	case want.Event != nil:
		r.outcome("an event", want.Event.Pos)
	case want.Reject != nil && x.Outcome == engine.Reject:
		if !want.Reject.MatchString(x.Reason) {
			r.outcome("a reject whose reason matches "+strconv.Quote(want.Reject.String()), want.RejectPos)
		}
	case want.Reject != nil:
		r.outcome("a reject", want.RejectPos)
	case want.Unmatched && x.Outcome != engine.Unmatched:
		r.outcome("that no mapping takes the alert", want.Pos)
	case want.Dropped && x.Outcome != engine.Dropped:
		r.outcome("that the alert is dropped", want.Pos)
	case want.Pos.Line == 0:
		r.outcome("what the test does not say: add `expect`, or let `sluice test --update` write it", t.Pos)
	}
	return r
}

// events judges the event of each mapping that took the alert. Where none is as
// expected the differences are those of the first.
func (r *Result) events(want syntax.Expect) {
	x := &r.Explanation
	var first []Difference
	more := 0
	for i, m := range append([]engine.Made{x.Made}, x.Also...) {
		r.Differences, r.More = nil, 0
		newJudge(r, &m, want.Whole).object(place{}, want.Event, decode(m.Event))
		if i == 0 {
			first, more = r.Differences, r.More
		}
		if len(r.Differences) == 0 {
			return
		}
	}
	r.Differences, r.More = first, more
}

// each judges the events in the order of the mappings that made them.
func (r *Result) each(want syntax.Expect) {
	x := &r.Explanation
	made := append([]engine.Made{x.Made}, x.Also...)
	if len(made) != len(want.Events) {
		r.Differences = append(r.Differences, Difference{Expected: eventsWord(len(want.Events)), Got: eventsWord(len(made)), Pos: want.Pos})
		return
	}
	for i := range made {
		newJudge(r, &made[i], want.Whole).object(place{}, want.Events[i], decode(made[i].Event))
	}
}

func eventsWord(n int) string {
	if n == 1 {
		return "1 event"
	}
	return strconv.Itoa(n) + " events"
}

func (r *Result) outcome(expected string, pos syntax.Pos) {
	x := &r.Explanation
	d := Difference{Expected: expected, Pos: pos}
	switch x.Outcome {
	case engine.Event:
		d.Got = "an event"
	case engine.Unmatched:
		d.Got = "unmatched: the mapping's `when` does not hold"
		if len(x.Asked) > 1 {
			d.Got = "unmatched: no `when` of the set holds"
		}
	case engine.Dropped:
		d.Got = "the alert is dropped"
	default:
		d.Got, d.Attribute = "a reject: "+x.Reason, blamed(x)
		if x.Where != nil && d.Attribute == nil {
			d.Got += " (" + x.Where.String() + ")"
		}
	}
	r.Differences = append(r.Differences, d)
}

// Update returns what would make the test pass; position is that of the test in
// its file.
func (r *Result) Update(position int) syntax.Update {
	u := syntax.Update{Test: position}
	switch x := &r.Explanation; x.Outcome {
	case engine.Event:
		u.Event = x.Event
	case engine.Unmatched:
		u.Unmatched = true
	case engine.Dropped:
		u.Dropped = true
	default:
		u.Reject = x.Reason
	}
	return u
}

// Check reports attributes that tests expect and that no class has, of those that the
// mappings make events of: such tests can only fail.
func Check(tests []syntax.Test, classes []*ocsf.Class) syntax.Faults {
	var faults syntax.Faults
	for i := range tests {
		for _, event := range tests[i].Expect.AllEvents() {
			var fewest syntax.Faults
			for j, class := range classes {
				var of syntax.Faults
				names(&of, class.Name, class.Attributes, event)
				if j == 0 || len(of) < len(fewest) {
					fewest = of
				}
			}
			faults = append(faults, fewest...)
		}
	}
	return faults
}

func names(faults *syntax.Faults, owner string, attributes []ocsf.Attribute, n *syntax.Node) {
	for _, item := range n.Items {
		names(faults, owner, attributes, item)
	}
	for _, f := range n.Fields {
		var a *ocsf.Attribute
		all := make([]string, len(attributes))
		for i := range attributes {
			all[i] = attributes[i].Name
			if all[i] == f.Name {
				a = &attributes[i]
			}
		}
		switch {
		case a == nil:
			faults.Add(f.Pos, "%s has no attribute `%s`%s", owner, f.Name, spelling.DidYouMean(f.Name, all))
		case a.Object != nil:
			names(faults, a.Object.Name, a.Object.Attributes, f.Value)
		}
	}
}

// Coverage records which rules of an engine's mappings gave a value.
type Coverage struct {
	rules   []*engine.Rule
	reached map[*engine.Rule]bool
}

// NewCoverage makes a Coverage without any reached rule, of the rules in files but for those
// that others test. Explanations added to it must come from Workers of the same Engine.
func NewCoverage(e *engine.Engine, tested func(file string) bool) *Coverage {
	c := &Coverage{reached: map[*engine.Rule]bool{}}
	for i := range e.Mappings {
		for _, r := range e.Rules(i) {
			if !tested(r.Pos.File) {
				c.rules = append(c.rules, r)
			}
		}
	}
	return c
}

// Add records the rules that an explained alert reached: those whose value the
// event has, and the one that rejected the alert.
func (c *Coverage) Add(x engine.Explanation) {
	for _, m := range append([]engine.Made{x.Made}, x.Also...) {
		for _, a := range m.Attributes {
			if m.Event != nil && a.Value != "" {
				c.reached[a.Rule] = true
			}
		}
	}
	if x.Outcome == engine.Reject {
		c.reached[x.Where] = true
	}
}

// blamed returns the attribute whose rule rejected the alert, or nil.
func blamed(x *engine.Explanation) *engine.Attribute {
	for i := range x.Attributes {
		if x.Where != nil && x.Attributes[i].Rule == x.Where {
			return &x.Attributes[i]
		}
	}
	return nil
}

// Include takes over which rules another Coverage reached, of those that are at the
// same places: the same mapping may be in several engines, another may extend it, and
// several may use a part.
func (c *Coverage) Include(other *Coverage) {
	reached := map[location]bool{}
	for r := range other.reached {
		if r != nil {
			reached[locate(r)] = true
		}
	}
	for _, r := range c.rules {
		if reached[locate(r)] {
			c.reached[r] = true
		}
	}
}

// location says where a rule is, in any engine. A rule of a part is at one place,
// whatever mappings use the part.
type location struct {
	at        syntax.Pos
	attribute string
}

func locate(r *engine.Rule) location {
	at := r.Pos
	if at.Use == nil {
		return location{at, r.Attribute}
	}
	at.Use = nil
	return location{at: at}
}

// Rules returns how many rules there are.
func (c *Coverage) Rules() int { return len(c.rules) }

// Reached returns how many of them some alert reached.
func (c *Coverage) Reached() int { return len(c.rules) - len(c.Unreached()) }

// Unreached returns the rules that no alert reached, in the order of their places.
func (c *Coverage) Unreached() []*engine.Rule {
	var out []*engine.Rule
	for _, r := range c.rules {
		if !c.reached[r] {
			out = append(out, r)
		}
	}
	return out
}
