package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// steps runs the instructions from pc up to end on a record. It reports whether
// any of them wrote a live value: one from the alert, not a constant of the
// mapping.
func (w *Worker) steps(pc, end int, rec *ocsf.Record) (live bool) {
	for pc < end {
		var l bool
		if u := w.plan.steps[pc].unit; u != nil && w.recalls != nil {
			l, pc = w.unit(u, pc, rec), u.end
		} else {
			pc, l = w.step(pc, rec)
		}
		live = l || live
	}
	return live
}

// step runs one instruction, with its body. It returns the next one, and whether it
// wrote a live value.
func (w *Worker) step(pc int, rec *ocsf.Record) (next int, live bool) {
	s := &w.plan.steps[pc]
	next = pc + 1
	switch s.op {
	case opConstant:
		c := &rec.Cells[s.field.Cell]
		c.Set, c.Num, c.Text = true, s.constant.Num, s.constant.Text
		w.growth.bytes += len(c.Text)
		if s.numbered {
			c.ID = constantID
		}
	case opPath:
		live = w.path(s, rec)
	case opExpression:
		if v, err := w.run(s.program); err != nil {
			w.fail(failure{target: s.target, err: err})
		} else {
			live = w.write(s, rec, v)
		}
	case opAppendConst, opAppendPath, opAppend:
		live = w.appendItems(s, rec)
	case opGroup:
		live, next = w.group(s, next, rec), s.block.end
	case opItem:
		live, next = w.item(s, next, rec) && !s.block.constant, s.block.end
	case opEach:
		live, next = w.each(s, next, rec), s.block.end
	case opCaption, opTypeUID, opTypeName:
		w.derive(s, rec)
	case opID:
		w.id(s, rec)
	case opDatetime:
		from, to := &rec.Cells[s.from.Cell], &rec.Cells[s.field.Cell]
		to.Set, to.Num = from.Set, from.Num
	case opProfile:
		live, next = w.ofProfile(s, next, rec), s.block.end
	case opProfiles:
		w.listProfiles(s, rec)
	case opObservables:
		w.observe(s, rec)
	case opPairs, opRest, opKept:
		live = w.open(s, rec)
	}
	w.trace.done(s, rec)
	return next, live
}

// path copies a wanted value.
func (w *Worker) path(s *step, rec *ocsf.Record) bool {
	if !s.numbered || w.recalls == nil {
		return w.write(s, rec, w.wanted(s.want))
	}
	c := &rec.Cells[s.field.Cell]
	if s.longest > 0 && w.plan.absent == nil {
		// What most steps do, without the detour over a Value.
		if text, origin := w.alert.Text(s.want); text != "" && len(text) <= s.longest && w.growth.fits(len(text)) {
			w.growth.bytes += len(text)
			c.Set, c.Text, c.ID = true, text, w.alert.Known(s.want)
			w.origins.Written(origin)
			return true
		}
	}
	if !w.write(s, rec, w.wanted(s.want)) {
		return false
	}
	c.ID = w.alert.Known(s.want)
	return true
}

// write converts a value into the step's cell.
func (w *Worker) write(s *step, rec *ocsf.Record, v alert.Value) bool {
	return w.convert(s, &rec.Cells[s.field.Cell], v)
}

// convert writes a value into a cell and acts on the verdict. It reports whether
// it wrote anything.
func (w *Worker) convert(s *step, c *ocsf.Cell, v alert.Value) bool {
	outcome := s.set(c, v)
	if outcome == refused && v.IsEmpty() {
		outcome = absent // an empty list or object instead of a scalar
	}
	if w.growth.bytes += len(c.Text); len(c.Text) > longText && !w.grow(s, 0) {
		c.Set, c.Text = false, ""
		return false
	}
	w.trace.judged(s, c, v, outcome)
	switch outcome {
	case written:
		w.origins.Write(&v)
		return true
	case cut:
		w.partly++
		w.keep(s.target)
		return true
	case refused:
		w.partly++
		w.fail(failure{target: s.target, value: v})
	}
	return false
}

// appendItems appends the items of a value to a list of scalars; a value that is
// not a list is one item.
func (w *Worker) appendItems(s *step, rec *ocsf.Record) bool {
	list := &rec.Cells[s.field.Cell]
	if s.op == opAppendConst {
		c := &list.Add(1).Cells[0]
		c.Set, c.Num, c.Text = true, s.constant.Num, s.constant.Text
		list.Set = true
		w.growth.bytes += len(c.Text)
		return false
	}
	var v alert.Value
	if s.op == opAppendPath {
		v = w.wanted(s.want)
	} else {
		var err error
		if v, err = w.run(s.program); err != nil {
			w.fail(failure{target: s.target, err: err})
			return false
		}
	}
	if v.Kind != alert.List {
		return w.appendItem(s, list, v)
	}
	live, mark, partly := false, w.origins.Mark(), w.partly
	for it := v.Items(); it.Next() && !w.growth.refused; {
		live = w.appendItem(s, list, it.Value()) || live
	}
	if live && v.IsRaw() && partly == w.partly {
		w.origins.Undo(mark) // all items were written: one origin for the whole list
		w.origins.Write(&v)
	}
	return live
}

func (w *Worker) appendItem(s *step, list *ocsf.Cell, v alert.Value) bool {
	if !w.grow(s, stepBytes) {
		return false
	}
	if !w.convert(s, &list.Add(1).Cells[0], v) {
		list.DropLast()
		return false
	}
	list.Set = true
	return true
}
