package plan

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// opened records the entries that a step added to an open object.
func (t *trace) opened(s *step, pairs []ocsf.Pair) {
	if t == nil {
		return
	}
	switch s.op {
	case opPairs:
		t.entries(s, pairs)
	case opRest, opKept:
		owners := t.owners()
		for _, p := range pairs {
			if len(t.out.Unmapped) >= mostEntries || t.spent > mostTexts {
				t.hidden++
				continue
			}
			t.spent += len(p.Key) + len(p.Value)
			t.out.Unmapped = append(t.out.Unmapped, Leftover{strings.Clone(p.Key), strings.Clone(p.Value), owners[p.Key]})
		}
	}
}

// entries records what a rule gave under its key: one entry, or one for each leaf.
func (t *trace) entries(s *step, pairs []ocsf.Pair) {
	a := Attribute{Path: join(t.at, s.field.Name+"."+s.key), Rule: &s.target.Rule}
	if s.program != nil {
		a.From = t.from(s.program)
	}
	for i, p := range pairs {
		one := a
		if i > 0 {
			one.From = From{} // what the first of them has
		}
		one.Path, one.Value = join(t.at, s.field.Name+"."+p.Key), t.text(alert.OfText(p.Value))
		t.add(one)
	}
	if len(pairs) > 0 {
		return
	}
	a.Absent = t.nothing(s, alert.Value{})
	if len(t.tries) > 0 {
		a.Absent = t.tries[0].absent
	}
	t.add(a)
}

// owners returns, for the key of every original that was kept, the attribute that
// it was kept for: the one whose rule read the longest path to it.
func (t *trace) owners() map[string]string {
	owners, depth := map[string]string{}, map[string]int{}
	for i, by := range t.kept {
		path := t.worker.plan.Reading.Wants[i].Path
		for _, l := range t.worker.alert.AppendLeaves(nil, i) {
			if d, ok := depth[l.Key]; !ok || len(path) > d {
				owners[l.Key], depth[l.Key] = by.Attribute, len(path)
			}
		}
	}
	return owners
}

// transformed records the result of a transform.
func (t *trace) transformed(s *stage, in, out []byte) {
	switch {
	case t == nil:
	case string(in) == string(out):
		t.transform(s, "it changed nothing")
	default:
		t.transform(s, "it changed the "+s.name())
		t.out.Transforms[len(t.out.Transforms)-1].Gave = string(out)
	}
}

// called records a call of a guest's function.
func (t *trace) called(name string, args []alert.Value, v alert.Value, failed error) {
	if t == nil {
		return
	}
	c := Call{Function: name, Result: t.text(v)}
	for _, arg := range args {
		c.Args = append(c.Args, orNull(t.text(arg)))
	}
	if failed != nil {
		c.Result, c.Error = "", failed.Error()
	}
	t.calls = append(t.calls, c)
}

func (t *trace) transform(s *stage, what string) {
	if t == nil {
		return
	}
	t.out.Transforms = append(t.out.Transforms, Transform{Pos: s.pos, Stage: s.name(), Did: what})
}

func (s *stage) name() string {
	if s.event {
		return "event"
	}
	return "alert"
}

// conversion says how an attribute's type changed a value, "" if it did not.
func conversion(to *ocsf.Type, c *ocsf.Cell, v alert.Value, outcome verdict) string {
	from := kindOf(v)
	switch to.Kind {
	case ocsf.Boolean:
		return unless(v.Kind == alert.Bool, from+" → true or false")
	case ocsf.Integer, ocsf.Long:
		return unless(v.Kind == alert.Int, from+" → integer")
	case ocsf.Float:
		return unless(v.Kind == alert.Float || v.Kind == alert.Int, from+" → number")
	case ocsf.Timestamp, ocsf.Datetime:
		return timeConversion(c, v)
	case ocsf.JSON:
		return unless(v.Kind == alert.List || v.Kind == alert.Object, from+" → JSON")
	}
	if outcome == cut {
		t, _ := text(v, nil)
		return "cut from " + strconv.Itoa(utf8.RuneCountInString(t)) + " characters to " + strconv.Itoa(utf8.RuneCountInString(c.Text)) +
			", the most its type holds"
	}
	return unless(v.Kind == alert.Text, from+" → text")
}

func unless(same bool, words string) string {
	if same {
		return ""
	}
	return words
}

func timeConversion(c *ocsf.Cell, v alert.Value) string {
	n, isNumber := v.Number()
	if !isNumber {
		return "time → milliseconds since 1970"
	}
	value := float64(int64(n.Num))
	if n.Kind == alert.Float {
		value = math.Float64frombits(n.Num)
	}
	if value < 1e11 {
		return "seconds → milliseconds since 1970"
	}
	return unless(v.Kind == alert.Int && int64(v.Num) == c.Num, kindOf(v)+" → milliseconds since 1970")
}

// kindOf names the kind of a value.
func kindOf(v alert.Value) string {
	switch v.Kind {
	case alert.Bool:
		return "true or false"
	case alert.Int, alert.Float:
		return "number"
	case alert.Text:
		return "text"
	case alert.List:
		return "list"
	case alert.Object:
		return "object"
	}
	return "nothing"
}
