package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// group runs the body of a nested object in place, and clears the object if it is
// not kept.
func (w *Worker) group(st *stop, body int, rec *ocsf.Record) bool {
	s, grown := &w.plan.steps[st.pc], w.growth.bytes
	cell := &rec.Cells[s.field.Cell]
	cell.Set = true
	if !w.holds(s, st.test) {
		cell.Set = false
		return false
	}
	w.trace.enter(s, -1)
	mark := w.origins.Mark()
	live := w.steps(body, int(st.next), rec)
	stays := w.stays(s, rec, live)
	w.trace.leave()
	if stays {
		return live
	}
	w.origins.Undo(mark)
	w.growth.shrink(grown)
	clearCells(rec, s.block.first, s.block.last)
	return false
}

// item runs the body of one item of a list and reports whether the item is kept.
func (w *Worker) item(st *stop, body int, rec *ocsf.Record) bool {
	s, grown := &w.plan.steps[st.pc], w.growth.bytes
	if !w.holds(s, st.test) {
		return false
	}
	list := &rec.Cells[s.field.Cell]
	item := w.lists.Add(list, s.field.ItemCells)
	w.trace.enter(s, len(list.Items)-1)
	mark := w.origins.Mark()
	live := w.steps(body, int(st.next), item)
	stays := w.stays(s, item, live) && w.fits(s)
	w.trace.leave()
	if !stays {
		w.origins.Undo(mark)
		w.growth.shrink(grown)
		list.DropLast()
		return false
	}
	list.Set = true
	return true
}

// fits reports whether the event has room for the cells of an item that is complete.
func (w *Worker) fits(s *step) bool {
	if w.grow(s, stepBytes*s.field.ItemCells) {
		return true
	}
	w.trace.drop(s, lack{}, errGrowth)
	return false
}

// each makes one item for each element. A value that is not a list is one
// element.
func (w *Worker) each(st *stop, body int, rec *ocsf.Record) bool {
	s := &w.plan.steps[st.pc]
	v, err := w.run(s.program)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
		w.trace.skip(s, s.program, err)
		return false
	}
	if v.Kind != alert.Nil && !w.grow(s, 0) {
		w.trace.skip(s, s.program, errGrowth)
		return false
	}
	w.trace.elements(s, v)
	live, depth := false, len(w.env.Elements)
	work := stepBytes*(s.block.end-int(st.pc)) + s.block.size
	w.env.Elements = append(w.env.Elements, expression.Element{Value: v})
	if v.Kind == alert.List {
		index, trace := 0, w.trace
		for it := v.Items(); it.Next() && !w.growth.refused; index++ {
			if index == mostExplained {
				w.trace = nil
			}
			w.env.Elements[depth] = expression.Element{Value: it.Value(), Index: index}
			w.growth.work += work
			live = w.within(s) && w.item(st, body, rec) || live
		}
		w.trace = trace
		w.trace.more(s, index-mostExplained)
	} else if v.Kind != alert.Nil {
		live = w.item(st, body, rec)
	}
	w.env.Elements = w.env.Elements[:depth]
	return live
}

// stays reports whether an object is kept. Constants alone do not keep it, unless
// it has constants only or the object around it requires it.
func (w *Worker) stays(s *step, rec *ocsf.Record, live bool) bool {
	if !live && !s.block.constant && !s.block.needed {
		w.trace.drop(s, lack{}, nil)
		return false
	}
	lacks := s.block.requires.lacks(rec)
	switch {
	case lacks.field != nil:
		w.leaveOut(failure{target: s.target, lacks: lacks}, live)
	case live || !s.block.isEmpty(rec):
		return true
	}
	w.trace.drop(s, lacks, nil)
	return false
}

// isEmpty reports whether no attribute of an object is written. An item of a list has
// its record for itself, a group in a record has its own cell first.
func (b *block) isEmpty(rec *ocsf.Record) bool {
	cells := rec.Cells
	if b.last > 0 {
		cells = cells[b.first+1 : b.last]
	}
	for i := range cells {
		if cells[i].Set {
			return false
		}
	}
	return true
}

// lack is what an object requires and does not have. Its words are made only when
// they are read: most alerts lack something, and few are explained.
type lack struct {
	field *ocsf.Field   // the first of them; nil if nothing is lacking
	how   string        // how many of the others are needed, "" if it is the field itself
	of    []*ocsf.Field // the others
}

// String names what is lacking, in words that follow "requires".
func (l lack) String() string {
	if l.how == "" {
		return "`" + l.field.Name + "`"
	}
	return l.how + " " + fieldNames(l.of)
}

// lacks returns what an object requires and does not have.
func (o *requirement) lacks(rec *ocsf.Record) lack {
	for _, f := range o.required {
		if !rec.Cells[f.Cell].Set {
			return lack{field: f}
		}
	}
	if len(o.atLeastOne) > 0 && count(o.atLeastOne, rec) == 0 {
		return lack{o.atLeastOne[0], "at least one of", o.atLeastOne}
	}
	if len(o.justOne) > 0 && count(o.justOne, rec) != 1 {
		return lack{o.justOne[0], "exactly one of", o.justOne}
	}
	return lack{}
}

func fieldNames(fields []*ocsf.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return quotedList(names)
}

func count(fields []*ocsf.Field, rec *ocsf.Record) int {
	n := 0
	for _, f := range fields {
		if rec.Cells[f.Cell].Set {
			n++
		}
	}
	return n
}
