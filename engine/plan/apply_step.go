package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// steps runs the stops of the route from at up to end on a record. It reports whether
// any of them wrote a live value: one from the alert, not a constant of the
// mapping.
func (w *Worker) steps(at, end int, rec *ocsf.Record) (live bool) {
	for at < end {
		st := &w.route.stops[at]
		if st.unit != none {
			live = w.unit(st, at, rec) || live
			at = int(st.past)
		} else {
			live = w.step(st, at, rec) || live
			at = int(st.next)
		}
	}
	return live
}

// step runs one step, with its body, which begins behind the stop. It reports whether it
// wrote a live value.
func (w *Worker) step(st *stop, at int, rec *ocsf.Record) (live bool) {
	s := &w.plan.steps[st.pc]
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
		live = w.group(st, at+1, rec)
	case opItem:
		live = w.item(st, at+1, rec) && !s.block.constant
	case opEach:
		live = w.each(st, at+1, rec)
	case opCaption, opTypeUID, opTypeName:
		w.derive(s, rec)
	case opID:
		w.id(s, rec)
	case opDatetime:
		from, to := &rec.Cells[s.from.Cell], &rec.Cells[s.field.Cell]
		to.Set, to.Num = from.Set, from.Num
	case opProfile:
		live = w.ofProfile(st, at+1, rec)
	case opProfiles:
		w.listProfiles(s, rec)
	case opObservables:
		w.observe(s, rec)
	case opPairs, opRest, opKept:
		live = w.open(s, rec)
	}
	w.trace.done(s, rec)
	return live
}

// path copies a wanted value.
func (w *Worker) path(s *step, rec *ocsf.Record) bool {
	if !s.numbered || w.route == w.whole {
		return w.write(s, rec, w.wanted(s.want))
	}
	c := &rec.Cells[s.field.Cell]
	if s.longest > 0 && w.plan.absent == nil {
		// What most steps do, without the detour over a Value.
		if text, origin := w.alert.Text(s.want); text != "" && len(text) <= int(s.longest) && w.growth.fits(len(text)) {
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
	if (s.matched || len(v.Text) > longText || v.Kind >= alert.List) && !w.reads(s, &v) {
		return false
	}
	outcome := s.set(c, v, w.machine.Arena)
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

// reads counts the work of converting a value. It reports whether so much may be done for
// the alert; otherwise it notes the failure.
func (w *Worker) reads(s *step, v *alert.Value) bool {
	if (len(v.Text) > longText || v.Kind >= alert.List && !v.IsRaw()) && !w.growth.fits(0) {
		return w.grow(s, 0) // not even to convert it is worth the time
	}
	if s.matched {
		w.machine.Work += matchedByte * len(v.Text)
	} else {
		w.machine.Work += len(v.Text) / stepRead
	}
	if w.machine.Affords(0) {
		return true
	}
	w.partly++
	w.fail(failure{target: s.target, err: function.ErrAlert})
	return false
}

// appendItems appends the items of a value to a list of scalars; a value that is
// not a list is one item.
func (w *Worker) appendItems(s *step, rec *ocsf.Record) bool {
	list := &rec.Cells[s.field.Cell]
	if s.op == opAppendConst {
		c := &w.lists.Add(list, 1).Cells[0]
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
	if v.Kind != alert.Nil && !w.grow(s, stepBytes) {
		return false
	}
	if !w.convert(s, &w.lists.Add(list, 1).Cells[0], v) {
		list.DropLast()
		return false
	}
	list.Set = true
	return true
}
