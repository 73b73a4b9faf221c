package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// trace writes an Explanation while a Worker takes its steps. All methods that
// the steps call do nothing on a nil trace, which is what every run has: the
// price is one comparison.
type trace struct {
	worker *Worker
	out    Explanation
	at     string // path of the object at hand, with positions
	frames []frame
	tries  []try // conversions of the step at hand
	kept   map[int]string
}

// frame is an object or item that is being made.
type frame struct {
	from int    // its first entry in out.Attributes
	at   string // path around it
	list string // path of its list, "" for a group
}

// try is one value on its way into a cell.
type try struct {
	written    string // JSON, "" when it was not
	conversion string
	absent     string
}

func (t *trace) condition(program int, holds bool, err error) {
	if t == nil {
		return
	}
	c := &Condition{Rule: t.programRule(program, "when"), From: t.from(program), Holds: holds}
	if err != nil {
		c.Error = err.Error()
	}
	t.out.When = c
}

func (t *trace) programRule(program int, attribute string) Rule {
	p := &t.worker.plan.programs[program]
	return Rule{p.pos, attribute, "=" + p.text}
}

// from notes what a program reads. Nothing is evaluated for it: a let that the
// program did not need is left out.
func (t *trace) from(program int) From {
	w := t.worker
	p := &w.plan.programs[program]
	var f From
	for _, i := range p.reads {
		f.Reads = append(f.Reads, Read{w.plan.paths[i], jsonText(w.env.Values[i])})
	}
	if p.Line {
		f.Reads = append(f.Reads, Read{"line", jsonText(alert.OfText(w.env.Line))})
	}
	if p.It {
		f.Element = jsonText(w.env.It)
		if f.Element == "" {
			f.Element = "null"
		}
	}
	used := map[int]bool{}
	t.lets(used, p)
	for i := range w.plan.lets {
		if used[i] && w.lets[i].done {
			f.Lets = append(f.Lets, t.named(i))
		}
	}
	return f
}

func (t *trace) lets(used map[int]bool, p *program) {
	for _, i := range p.Lets {
		if used[i] {
			continue
		}
		used[i] = true
		if inner := t.worker.plan.lets[i].program; inner >= 0 {
			t.lets(used, &t.worker.plan.programs[inner])
		}
	}
}

func (t *trace) named(i int) Named {
	l, state := &t.worker.plan.lets[i], &t.worker.lets[i]
	n := Named{Name: l.name, Pos: l.pos, Text: l.text, Value: jsonText(state.value)}
	if state.err != nil {
		n.Value, n.Error = "", state.err.Error()
	}
	return n
}

// jsonText is a copy of a value, "" of absence.
func jsonText(v alert.Value) string {
	if v.Kind == alert.Nil {
		return ""
	}
	return string(v.AppendJSON(nil))
}

// judged notes a conversion.
func (t *trace) judged(s *step, c *ocsf.Cell, v alert.Value, outcome verdict) {
	var r try
	switch outcome {
	case written, cut:
		r.written, r.conversion = cellText(s.field, c), conversion(s.field.Attribute.Type, c, v, outcome)
	case absent:
		r.absent = t.nothing(s, v)
	case refused:
		f := failure{target: s.target, value: v}
		r.absent = f.reason(&t.worker.plan.targets[s.target])
	}
	t.tries = append(t.tries, r)
}

// nothing says why there was no value to convert.
func (t *trace) nothing(s *step, v alert.Value) string {
	if v.Kind != alert.Nil {
		return "its rule gave the empty " + kindOf(v)
	}
	if s.program < 0 {
		return "its rule gave nothing"
	}
	var missing []string
	reads := t.worker.plan.programs[s.program].reads
	for _, i := range reads {
		if t.worker.env.Values[i].Kind == alert.Nil {
			missing = append(missing, t.worker.plan.paths[i])
		}
	}
	if len(missing) == 0 || len(missing) < len(reads) {
		return "its rule gave nothing"
	}
	return "the alert has no " + quotedList(missing)
}

// fail notes an expression that failed; a value that did not fit is noted where
// it was judged, an object where it is dropped.
func (t *trace) fail(f failure) {
	if t != nil && f.err != nil {
		t.tries = append(t.tries, try{absent: f.reason(&t.worker.plan.targets[f.target])})
	}
}

func (t *trace) keep(target int) {
	if t == nil {
		return
	}
	for _, i := range t.worker.plan.targets[target].reads {
		if t.kept[i] == "" {
			t.kept[i] = t.worker.plan.targets[target].path
		}
	}
}

// enter begins an object, or the item of a list at index.
func (t *trace) enter(s *step, index int) {
	if t == nil {
		return
	}
	f := frame{from: len(t.out.Attributes), at: t.at}
	t.at = join(t.at, s.field.Name)
	if index >= 0 {
		f.list = t.at
		t.at = fmt.Sprintf("%s[%d]", t.at, index)
	}
	t.frames = append(t.frames, f)
}

func (t *trace) leave() {
	if t == nil {
		return
	}
	last := len(t.frames) - 1
	t.at = t.frames[last].at
	t.frames = t.frames[:last]
}

// drop notes that the object at hand is left out: for what it lacks, or, with
// "", because nothing in it came from the alert.
func (t *trace) drop(s *step, lacks string) {
	if t == nil {
		return
	}
	f, path := t.frames[len(t.frames)-1], t.at
	if f.list != "" {
		path = f.list + "[]" // its position goes to the next item
	}
	absent := "none of its rules gave a value"
	for i := range t.out.Attributes[f.from:] {
		a := &t.out.Attributes[f.from+i]
		a.Path = path + strings.TrimPrefix(a.Path, t.at)
		if a.Value != "" {
			a.Lost, a.Value, a.Absent = a.Value, "", "left out with `"+path+"`"
			absent = "none of its rules gave a value, and constants alone do not keep it"
		}
	}
	rule := t.worker.plan.targets[s.target].rule()
	a := Attribute{Path: path, Rule: &rule, Absent: absent}
	if lacks != "" {
		a.Absent = "incomplete: it requires " + lacks + ", whose rule gave nothing that fits"
	}
	t.out.Attributes = slices.Insert(t.out.Attributes, f.from, a)
}

// skip notes an object or item that was not begun: its `$when` does not hold,
// its `$each` has no element, or one of them failed.
func (t *trace) skip(s *step, program int, err error) {
	if t == nil {
		return
	}
	t.tries = t.tries[:0]
	path, attribute := join(t.at, s.field.Name), t.worker.plan.targets[s.target].path
	if s.field.List {
		path += "[]"
	}
	key, absent := "$each", "`$each` gave no element"
	if program == s.when {
		key, absent = "$when", "its `$when` does not hold"
	}
	if err != nil {
		absent = "its `" + key + "` failed: " + err.Error()
	}
	rule := t.programRule(program, attribute)
	t.out.Attributes = append(t.out.Attributes, Attribute{Path: path, Rule: &rule, From: t.from(program), Absent: absent})
}

// done turns what a step tried into entries.
func (t *trace) done(s *step, rec *ocsf.Record) {
	a := Attribute{Path: join(t.at, s.field.Name)}
	if s.target >= 0 {
		rule := t.worker.plan.targets[s.target].rule()
		a.Rule = &rule
	}
	switch s.op {
	case opConstant:
		a.Value = cellText(s.field, &rec.Cells[s.field.Cell])
		if s.target < 0 {
			a.Derived = "the class"
			if s.field.Name == "version" {
				a.Derived = "`schema`"
			}
		}
		t.add(a)
	case opAppendConst:
		items := rec.Cells[s.field.Cell].Items
		a.Path = fmt.Sprintf("%s[%d]", a.Path, len(items)-1)
		a.Value = cellText(s.field, &items[len(items)-1].Cells[0])
		t.add(a)
	case opPath, opExpression, opAppendPath, opAppend:
		a.From = t.from(s.program)
		t.tried(a, &rec.Cells[s.field.Cell], s.field.List)
	case opCaption, opTypeUID, opTypeName:
		a.Rule = nil
		t.derived(s, a, rec)
	}
	t.tries = t.tries[:0]
}

func (t *trace) add(a Attribute) { t.out.Attributes = append(t.out.Attributes, a) }

// tried adds an entry for each value that a step converted. Those written last
// are the last of the list.
func (t *trace) tried(a Attribute, c *ocsf.Cell, list bool) {
	if len(t.tries) == 0 {
		a.Absent = "its rule gave the empty list"
		t.add(a)
		return
	}
	position := len(c.Items)
	for _, r := range t.tries {
		if r.written != "" {
			position--
		}
	}
	for _, r := range t.tries {
		one := a
		one.Value, one.Conversion, one.Absent = r.written, r.conversion, r.absent
		switch {
		case list && r.written != "":
			one.Path = fmt.Sprintf("%s[%d]", a.Path, position)
			position++
		case list && (len(t.tries) > 1 || len(c.Items) > 0):
			one.Path += "[]"
		}
		t.add(one)
	}
}

// derived adds what follows from an id, and takes back a stated caption that
// it overrules.
func (t *trace) derived(s *step, a Attribute, rec *ocsf.Record) {
	id, c := s.caption.id.Name, &rec.Cells[s.field.Cell]
	a.Derived = "`" + id + "`"
	if s.op != opCaption {
		a.Derived = "the class and `" + id + "`"
	}
	stated := t.find(a.Path)
	switch {
	case s.field.List:
		t.captions(a, s, c)
		return
	case !c.Set && stated != nil:
		return
	case !c.Set:
		a.Absent = "it follows from `" + id + "`, which the event does not have"
	default:
		a.Value = cellText(s.field, c)
	}
	switch {
	case stated == nil:
	case stated.Value == a.Value:
		return // the rule gave it
	case stated.Value != "":
		stated.Lost, stated.Value = stated.Value, ""
		stated.Absent = "it contradicts the caption of `" + id + "`, which is " + a.Value
	}
	t.add(a)
}

func (t *trace) captions(a Attribute, s *step, c *ocsf.Cell) {
	if s.caption.stated && t.find(a.Path+"[0]") != nil {
		return
	}
	path := a.Path
	for i := range c.Items {
		a.Path, a.Value = fmt.Sprintf("%s[%d]", path, i), cellText(s.field, &c.Items[i].Cells[0])
		t.add(a)
	}
	if len(c.Items) == 0 {
		a.Absent = "it follows from `" + s.caption.id.Name + "`, which the event does not have"
		t.add(a)
	}
}

// find gives the entry of a path in the object at hand.
func (t *trace) find(path string) *Attribute {
	from := 0
	if n := len(t.frames); n > 0 {
		from = t.frames[n-1].from
	}
	for i := range t.out.Attributes[from:] {
		if a := &t.out.Attributes[from+i]; a.Path == path {
			return a
		}
	}
	return nil
}

func cellText(f *ocsf.Field, c *ocsf.Cell) string { return string(f.AppendScalar(nil, c)) }
