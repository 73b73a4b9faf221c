package plan

import (
	"slices"
	"strconv"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// trace records an Explanation while a Worker runs its steps. The methods that
// the steps call do nothing on a nil trace, which is what every run has. The
// methods called for every value are small enough to be inlined, so they cost one
// comparison.
type trace struct {
	worker *Worker
	out    Explanation
	at     string // path of the current object, with positions
	frames []frame
	tries  []try               // conversions of the current step
	kept   map[int]*target     // wanted values, and the first rule for which each is kept
	held   map[int][]Attribute // by step: entries of attributes that were written before their place
	calls  []Call              // of guests, since the last recorded rule
	read   map[*program]bool   // whose reads are recorded
	known  map[int]Read        // wanted values as they are shown
	spent  int                 // bytes of values so far
	hidden int                 // entries that are not recorded
}

// frame is an object or item that is being made.
type frame struct {
	from int    // its first entry in out.Attributes
	at   string // path around it
	list string // path of its list, "" for a group
}

// try is the conversion of one value.
type try struct {
	written    string // JSON, "" if it was not written
	conversion string
	absent     string
}

func (t *trace) condition(p *program, holds bool, err error) {
	if t == nil {
		return
	}
	c := &Condition{Rule: p.rule("when"), From: t.from(p), Holds: holds}
	if err != nil {
		c.Error = err.Error()
	}
	t.out.When = c
}

func (p *program) rule(attribute string) *Rule { return &Rule{p.pos, attribute, p.text} }

// from returns what a program read. It evaluates nothing, so it leaves out lets
// that the program did not need.
func (t *trace) from(p *program) From {
	w := t.worker
	f := From{Calls: t.calls}
	t.calls = nil
	for i, depth := range p.Elements {
		f.Elements = append(f.Elements, Element{p.elements[i], orNull(t.text(w.env.Elements[depth].Value))})
	}
	if p.Index {
		f.Elements = append(f.Elements, Element{"index", strconv.Itoa(w.env.Elements[len(w.env.Elements)-1].Index)})
	}
	if t.read[p] {
		return f // for another element the rule read the same
	}
	t.read[p] = true
	for _, i := range p.reads {
		f.Reads = append(f.Reads, t.reading(i))
	}
	if p.Line {
		f.Reads = append(f.Reads, Read{Name: "line", Value: t.text(alert.OfText(w.env.Line))})
	}
	used := map[int]bool{}
	t.lets(used, p)
	called := slices.Clone(p.Functions)
	for i := range w.plan.lets {
		if used[i] && w.lets[i].of == w.alerts {
			f.Lets = append(f.Lets, t.named(i))
			if let := w.plan.lets[i].program; let != nil {
				called = appendNew(called, let.Functions...)
			}
		}
	}
	for _, d := range w.plan.functions {
		if slices.Contains(called, d.name) {
			f.Functions = append(f.Functions, d.Defined)
		}
	}
	return f
}

// reading is a wanted value as the alert has it.
func (t *trace) reading(i int) Read {
	r, ok := t.known[i]
	if !ok {
		r = Read{t.worker.plan.paths[i], t.text(t.worker.alert.Value(i)), t.worker.ignored(i)}
		t.known[i] = r
	}
	return r
}

// ignored reports whether a wanted value is among the texts that mean nothing.
func (w *Worker) ignored(i int) bool {
	return w.alert.Value(i).Kind == alert.Text && w.env.Values[i].Kind == alert.Nil
}

func (t *trace) lets(used map[int]bool, p *program) {
	for _, i := range p.Lets {
		if used[i] {
			continue
		}
		used[i] = true
		let := &t.worker.plan.lets[i]
		if inner := let.program; inner != nil {
			t.lets(used, inner)
		}
		if let.aliases() != nil {
			t.worker.evaluate(&t.worker.lets[i], let) // rules read the paths that it stands for
		}
	}
}

func (t *trace) named(i int) Named {
	l, state := &t.worker.plan.lets[i], &t.worker.lets[i]
	n := Named{Name: l.name, Pos: l.pos, Text: l.text, Value: t.text(state.value)}
	if state.err != nil {
		n.Value, n.Error = "", state.err.Error()
	}
	return n
}

func orNull(json string) string {
	if json == "" {
		return "null"
	}
	return json
}

// jsonText returns a copy of a value as JSON, "" if there is none.
func jsonText(v alert.Value) string {
	if v.Kind == alert.Nil {
		return ""
	}
	return string(v.AppendJSON(nil)) // which does not keep the line
}

// judged records a conversion.
func (t *trace) judged(s *step, c *ocsf.Cell, v alert.Value, outcome verdict) {
	if t != nil {
		t.try(s, c, v, outcome)
	}
}

func (t *trace) try(s *step, c *ocsf.Cell, v alert.Value, outcome verdict) {
	var r try
	switch outcome {
	case written, cut:
		r.written, r.conversion = t.bounded(cellText(s.field, c)), conversion(s.field.Attribute.Type, c, v, outcome)
		if said, _ := text(v, nil); r.conversion == "" && s.target.gives != nil && said != c.Text {
			r.conversion = "spelled as the class does"
		}
	case absent:
		r.absent = t.nothing(s, v)
	case refused:
		f := failure{target: s.target, value: v}
		r.absent = f.reason()
	}
	t.tries = append(t.tries, r)
}

// nothing says why there was no value to convert.
func (t *trace) nothing(s *step, v alert.Value) string {
	if v.Kind != alert.Nil {
		return "its rule gave the empty " + kindOf(v)
	}
	if s.program == nil {
		return "its rule gave nothing"
	}
	var missing, ignored []string
	reads := s.program.reads
	for _, i := range reads {
		if t.worker.env.Values[i].Kind == alert.Nil {
			missing = append(missing, t.worker.plan.paths[i])
		}
		if t.worker.ignored(i) {
			ignored = append(ignored, t.worker.plan.paths[i])
		}
	}
	switch {
	case len(missing) == 0 || len(missing) < len(reads):
		return "its rule gave nothing"
	case len(ignored) > 0:
		return "the text of " + quotedList(ignored) + " is among the `absent` texts of the mapping"
	}
	return "the alert has no " + quotedList(missing)
}

// fail records an expression that failed. Method judged records a value that did
// not fit, and drop an object.
func (t *trace) fail(f failure) {
	if t != nil && f.err != nil {
		t.tries = append(t.tries, try{absent: f.reason()})
	}
}

func (t *trace) keep(by *target) {
	if t == nil || by.profile != "" { // its attributes say why they are left out
		return
	}
	for _, i := range by.reads {
		if t.kept[i] == nil {
			t.kept[i] = by
		}
	}
}
