package plan

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// done records what a step tried.
func (t *trace) done(s *step, rec *ocsf.Record) {
	if t != nil {
		t.note(s, rec)
	}
}

func (t *trace) note(s *step, rec *ocsf.Record) {
	a := Attribute{Path: join(t.at, s.field.Name)}
	if s.target != nil {
		a.Rule = &s.target.Rule
	}
	switch s.op {
	case opConstant:
		a.Value = cellText(s.field, &rec.Cells[s.field.Cell])
		if s.target == nil {
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
	case opID, opDatetime:
		t.identified(s, a, &rec.Cells[s.field.Cell])
	case opCaption, opTypeUID, opTypeName:
		a.Rule = nil
		t.derived(s, a, rec)
	}
	t.tries = t.tries[:0]
}

func (t *trace) add(a Attribute) {
	if len(t.out.Attributes) >= mostEntries {
		t.hidden++
		return
	}
	t.out.Attributes = append(t.out.Attributes, a)
}

// tried records each value that a step converted. The written ones are the last
// items of the list.
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
	for i, r := range t.tries {
		if i == mostExplained {
			a.Absent = fmt.Sprintf("%d more of its values are not explained", len(t.tries)-i)
			t.add(a)
			return
		}
		one := a
		if i > 0 {
			one.From = From{} // what the first of them has
		}
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

// derived records what follows from an id, and revokes a stated caption that it
// overwrites.
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

// identified records the id of a caption that the mapping gives, or the NAME_dt of
// a time.
func (t *trace) identified(s *step, a Attribute, c *ocsf.Cell) {
	a.Derived = "`" + s.from.Name + "`"
	path := a.Path
	for i := range c.Items {
		a.Path, a.Value = fmt.Sprintf("%s[%d]", path, i), cellText(s.field, &c.Items[i].Cells[0])
		t.add(a)
	}
	switch {
	case !c.Set:
		a.Absent = "it follows from `" + s.from.Name + "`, which the event does not have"
		t.add(a)
	case !s.field.List:
		a.Value = cellText(s.field, c)
		t.add(a)
	}
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

// find returns the entry of a path in the current object.
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
