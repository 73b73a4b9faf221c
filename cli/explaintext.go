package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// widestValue is where texts for people are cut, in characters; JSON has them whole.
const widestValue = 160

// explainText prints an explanation for people.
func explainText(w io.Writer, p paint, e *engine.Engine, one oneAlert, x engine.Explanation) error {
	t := &explainer{sheet{p: p}}
	t.head(e, one, &x)
	t.transforms(&x.Made)
	t.outcome(e, &x)
	for _, m := range append([]engine.Made{x.Made}, x.Also...) {
		if len(x.Also) > 0 {
			t.line("")
			t.line("%s", p.bold("event of "+e.Mappings[m.Mapping].Name))
		}
		if m.Mapping != x.Mapping {
			t.transforms(&m)
		}
		t.made(&m)
	}
	return t.writeTo(w)
}

// made shows the attributes that a mapping gave or did not, and what it left.
func (t *explainer) made(m *engine.Made) {
	if len(m.Attributes) > 0 {
		t.line("")
	}
	for i := range m.Attributes {
		t.attribute(&m.Attributes[i])
	}
	if len(m.Unmapped) > 0 {
		t.line("")
		t.line("%s", t.p.bold("left under unmapped"))
		for _, l := range m.Unmapped {
			why := "it reached no attribute"
			if l.Attribute != "" {
				why = "`" + l.Attribute + "` could not take it whole"
			}
			t.line("    %s = %s  %s", l.Key, t.p.green(shortened(quoted(l.Value), widestValue)), t.p.dim("("+why+")"))
		}
	}
	if m.Hidden > 0 {
		t.line("")
		t.line("%s", t.p.dim(fmt.Sprintf("%d elements and entries are not shown", m.Hidden)))
	}
	for _, tr := range m.Transforms {
		if tr.Stage == "event" && m.Event != nil {
			t.line("")
			t.line("%s", t.p.bold("the event as the transforms left it"))
			t.line("    %s", m.Event)
			break
		}
	}
}

type explainer struct{ sheet }

// head says which alert it is, and what the mappings that were asked said.
func (t *explainer) head(e *engine.Engine, one oneAlert, x *engine.Explanation) {
	if one.origin != "" {
		t.line("alert     %s:%d", one.origin, one.number)
	}
	if one.long != nil {
		t.line("shortened from %s, over the limit of a line: _truncated says which values are shorter", plural(int(one.long.Length), "byte"))
	}
	if r := one.reject; r != nil {
		t.line("rejected  %s", r.Reason)
		if r.Where != "" {
			t.line("at        %s", r.Where)
		}
	}
	for _, asked := range x.Asked {
		m := &e.Mappings[asked.Mapping]
		t.line("mapping   %s (%s): %s", m.Name, m.File, answer(asked.When))
		if asked.When != nil {
			t.line("    %s: %s", asked.When.Rule.Pos, oneLine(asked.When.Rule.Text))
			t.from(asked.When.From)
		}
		if said := overruled(asked, x); said != "" {
			t.line("    %s", said)
		}
	}
}

// overruled says what a mapping made of the alert where that is not what the alert
// came to, "" where it is.
func overruled(asked engine.Asked, x *engine.Explanation) string {
	switch {
	case asked.Outcome == engine.Event && x.Outcome == engine.Reject:
		return "it made an event, which is not written because a later mapping rejects the alert"
	case asked.Outcome == engine.Reject && (x.Outcome != engine.Reject || asked.Mapping != x.Mapping):
		return "it would reject the alert, which goes on: " + asked.Reason
	case asked.Outcome == engine.Dropped && x.Outcome == engine.Event:
		return "the alert ends here"
	}
	return ""
}

func (t *explainer) transforms(m *engine.Made) {
	for _, tr := range m.Transforms {
		t.line("transform %s (%s stage): %s", tr.Pos, tr.Stage, tr.Did)
		if tr.Gave != "" && tr.Stage == "alert" {
			t.line("    %s", shortened(tr.Gave, widestValue))
		}
	}
}

// outcome says what came of the alert.
func (t *explainer) outcome(e *engine.Engine, x *engine.Explanation) {
	switch {
	case x.Outcome == engine.Dropped && e.Mappings[x.Mapping].Layout == nil:
		t.line("outcome   %s by mapping %s", t.p.yellow("dropped"), e.Mappings[x.Mapping].Name)
	case x.Outcome == engine.Dropped:
		t.line("outcome   %s by a transform", t.p.yellow("dropped"))
	case x.Outcome == engine.Event && len(x.Also) > 0:
		t.line("outcome   %s", t.p.green(plural(1+len(x.Also), "event")))
	case x.Outcome == engine.Event:
		t.line("outcome   %s", t.p.green("an event"))
	case x.Outcome == engine.Unmatched:
		t.line("outcome   %s: no mapping wants this alert", t.p.yellow("unmatched"))
	default:
		t.line("outcome   %s: %s", t.p.red("a reject"), x.Reason)
		if x.Where != nil {
			t.line("at        %s", x.Where)
		}
	}
}

func answer(c *engine.Condition) string {
	switch {
	case c == nil:
		return "it takes every alert"
	case c.Error != "":
		return "its `when` failed: " + c.Error
	case c.Holds:
		return "its `when` holds"
	}
	return "its `when` does not hold"
}

func (t *explainer) attribute(a *engine.Attribute) {
	value := " = " + t.p.green(shortened(a.Value, widestValue))
	if a.Value == "" {
		value = ": " + t.p.yellow("absent, "+a.Absent)
	}
	conversion := clean("")
	if a.Conversion != "" {
		conversion = "  " + t.p.dim("("+a.Conversion+")")
	}
	t.line("%s%s%s", t.p.bold(a.Path), value, conversion)
	if a.Lost != "" {
		t.line("    it was %s", shortened(a.Lost, widestValue))
	}
	if a.Derived != "" {
		t.line("    follows from %s", a.Derived)
	}
	if a.Rule != nil {
		t.line("    %s", rulePlace(t.p, a.Rule))
		t.parts(a.Rule.Pos.Use)
	}
	t.from(a.From)
}

// parts shows of which part a rule is, and where that is used, through other parts.
func (t *explainer) parts(u *syntax.Use) {
	for ; u != nil; u = u.Pos.Use {
		name := u.Part.Name
		for i, arg := range u.Args {
			name += [...]string{"(", ", "}[min(i, 1)] + u.Part.Params[i].Value + ": " + oneLine(arg.Text)
		}
		if len(u.Args) > 0 {
			name += ")"
		}
		t.line("      %s", t.p.dim("in part "+shortened(name, widestValue)+", used at "+u.Pos.String()))
	}
}

// rulePlace is the place of a rule and its text, if it has one.
func rulePlace(p paint, r *engine.Rule) clean {
	if r.Text == "" {
		return p.dim(r.Pos.String())
	}
	return p.dim(r.Pos.String()+":") + " " + cleaned(oneLine(r.Text))
}

// from shows what an expression read, one thing a line.
func (t *explainer) from(f engine.From) {
	for _, e := range f.Elements {
		t.line("      %s = %s", e.Name, shortened(e.Value, widestValue))
	}
	for _, l := range f.Lets {
		value := orElse(l.Value, "nothing")
		if l.Error != "" {
			value = "nothing, it failed: " + l.Error
		}
		t.line("      %s = %s  %s", l.Name, shortened(value, widestValue), t.p.dim("("+l.Pos.String()+": "+oneLine(l.Text)+")"))
	}
	for _, d := range f.Functions {
		t.line("      %s  %s", d.Signature, t.p.dim("("+d.Pos.String()+": "+oneLine(d.Text)+")"))
	}
	for _, r := range f.Reads {
		if r.Value == "" {
			t.line("      %s: not in the alert", r.Name)
			continue
		}
		absent := ""
		if r.Absent {
			absent = ", which is nothing: it is among the `absent` texts"
		}
		t.line("      %s = %s%s", r.Name, shortened(r.Value, widestValue), absent)
	}
	for _, c := range f.Calls {
		result := " = " + orElse(c.Result, "nothing")
		if c.Error != "" {
			result = " failed: " + c.Error
		}
		t.line("      %s(%s)%s", c.Function, shortened(strings.Join(c.Args, ", "), widestValue), shortened(result, 2*widestValue))
	}
}

// oneLine joins the lines of a rule and shortens it.
func oneLine(text string) string {
	return shortened(strings.Join(strings.Fields(text), " "), widestValue)
}
