package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// other is the id Other of OCSF enums, whose text comes from the source.
const other = 99

// setCaption accepts the captions of an enum, in whatever case, and spells them as
// the class does. It accepts other texts if the enum has 99 (Other).
func setCaption(known *captions, set setter) setter {
	return func(c *ocsf.Cell, v alert.Value, a *alert.Arena) verdict {
		outcome := set(c, v, a)
		if outcome != written && outcome != cut {
			return outcome
		}
		if found, ok := known.find(c.Text); ok {
			c.Text = found.caption
			return written
		}
		if !known.other {
			c.Set, c.Text = false, ""
			return refused
		}
		return outcome
	}
}

// id sets an enum id to that of the caption which the mapping gives.
func (w *Worker) id(s *step, rec *ocsf.Record) {
	from, to := &rec.Cells[s.from.Cell], &rec.Cells[s.field.Cell]
	if !from.Set {
		return
	}
	to.Set = true
	if !s.field.List {
		to.Num = s.caption.number(from.Text)
		return
	}
	for i := range from.Items {
		c := &w.lists.Add(to, 1).Cells[0]
		c.Set, c.Num = true, s.caption.number(from.Items[i].Cells[0].Text)
	}
}

// number is the id of a text that setCaption accepts.
func (c *captions) number(caption string) int64 {
	if found, ok := c.find(caption); ok {
		return found.id
	}
	return other
}

// derive sets an attribute that follows from an id.
func (w *Worker) derive(s *step, rec *ocsf.Record) {
	id, to := &rec.Cells[s.caption.id.Cell], &rec.Cells[s.field.Cell]
	switch {
	case !id.Set:
	case s.op == opTypeUID:
		to.Set, to.Num = true, int64(w.plan.Layout.Class.UID)*100+id.Num
		if s.numbered {
			to.ID = captionNumber(id.Num)
		}
	case s.field.List:
		w.captionList(s, id, to)
	case s.caption.stated && to.Set && id.Num == other:
	default:
		w.caption(s, id.Num, to)
	}
}

// caption sets the caption of an id. A stated caption that differs is a failed
// conversion, because the two columns must not contradict each other.
func (w *Worker) caption(s *step, id int64, to *ocsf.Cell) {
	text, ok := s.caption.text[id]
	if !ok {
		return
	}
	if s.caption.stated && to.Set && to.Text != text {
		w.fail(failure{target: s.target, value: alert.OfText(to.Text), caption: text})
		w.revoke(s.target)
	}
	to.Set, to.Text = true, text
	if s.numbered {
		to.ID = captionNumber(id)
	}
}

// captionNumber is the number of an id's caption, 0 if it has none.
func captionNumber(id int64) uint32 {
	if id < 0 || id >= captionID {
		return 0
	}
	return captionID | uint32(id)
}

// revoke forgets that the values which a rule reads were written, because what it
// wrote is overwritten.
func (w *Worker) revoke(t *target) {
	for _, i := range t.reads {
		w.origins.Revoke(w.alert.Value(i)) // env.Values may lack a part of it
	}
}

// captionList sets the captions of a list of ids, unless the mapping states its
// own.
func (w *Worker) captionList(s *step, ids, to *ocsf.Cell) {
	if s.caption.stated && to.Set {
		return
	}
	for _, id := range ids.Items {
		if text, ok := s.caption.text[id.Cells[0].Num]; ok {
			c := &w.lists.Add(to, 1).Cells[0]
			c.Set, c.Text, to.Set = true, text, true
		}
	}
}
