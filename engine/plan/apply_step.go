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
		s := &w.plan.steps[pc]
		pc++
		switch s.op {
		case opConstant:
			c := &rec.Cells[s.field.Cell]
			c.Set, c.Num, c.Text = true, s.constant.Num, s.constant.Text
		case opPath:
			live = w.write(s, rec, w.env.Values[s.want]) || live
		case opExpression:
			if v, err := w.run(s.program); err != nil {
				w.fail(failure{target: s.target, err: err})
			} else {
				live = w.write(s, rec, v) || live
			}
		case opAppendConst, opAppendPath, opAppend:
			live = w.appendItems(s, rec) || live
		case opGroup:
			live = w.group(s, pc, rec) || live
			pc = s.block.end
		case opItem:
			live = w.item(s, pc, rec) && !s.block.constant || live
			pc = s.block.end
		case opEach:
			live = w.each(s, pc, rec) || live
			pc = s.block.end
		case opCaption, opTypeUID, opTypeName:
			w.derive(s, rec)
		case opID:
			w.id(s, rec)
		case opDatetime:
			from, to := &rec.Cells[s.from.Cell], &rec.Cells[s.field.Cell]
			to.Set, to.Num = from.Set, from.Num
		case opProfile:
			live = w.ofProfile(s, pc, rec) || live
			pc = s.block.end
		case opProfiles:
			w.listProfiles(s, rec)
		case opObservables:
			w.observe(s, rec)
		case opPairs, opRest, opKept:
			live = w.open(s, rec) || live
		}
		w.trace.done(s, rec)
	}
	return live
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
		return false
	}
	var v alert.Value
	if s.op == opAppendPath {
		v = w.env.Values[s.want]
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
	for it := v.Items(); it.Next(); {
		live = w.appendItem(s, list, it.Value()) || live
	}
	if live && v.IsRaw() && partly == w.partly {
		w.origins.Undo(mark) // all items were written: one origin for the whole list
		w.origins.Write(&v)
	}
	return live
}

func (w *Worker) appendItem(s *step, list *ocsf.Cell, v alert.Value) bool {
	if !w.convert(s, &list.Add(1).Cells[0], v) {
		list.DropLast()
		return false
	}
	list.Set = true
	return true
}
