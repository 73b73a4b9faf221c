package plan

import (
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// steps runs the instructions from pc up to end on a record. It tells whether
// any of them brought a live value: one that came from the alert, not from the
// mapping's constants.
func (w *Worker) steps(pc, end int, rec *ocsf.Record) (live bool) {
	for pc < end {
		s := &w.plan.steps[pc]
		pc++
		switch s.op {
		case opConstant:
			c := &rec.Cells[s.field.Cell]
			c.Set, c.Num, c.Text = true, s.constant.Num, s.constant.Text
		case opPath:
			live = w.write(s, rec, w.wanted(s.want)) || live
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
			pc = s.end
		case opItem:
			live = w.item(s, pc, rec) && !s.whole.constant || live
			pc = s.end
		case opEach:
			live = w.each(s, pc, rec) || live
			pc = s.end
		case opCaption, opTypeUID, opTypeName:
			w.derive(s, rec)
		case opPairs, opRest, opKept:
			live = w.open(s, rec) || live
		}
		if w.trace != nil {
			w.trace.done(s, rec)
		}
	}
	return live
}

// wanted is a value straight from the alert. A whole number brings its digits
// along, so that one which goes into text need not be spelled again.
func (w *Worker) wanted(i int) alert.Value {
	v := w.env.Values[i]
	if v.Kind == alert.Int {
		v.Text = w.scanner.Digits(i)
	}
	return v
}

// write converts a value into the step's cell.
func (w *Worker) write(s *step, rec *ocsf.Record, v alert.Value) bool {
	return w.convert(s, &rec.Cells[s.field.Cell], v)
}

// convert puts a value into a cell and acts on the verdict; it tells whether
// something was written.
func (w *Worker) convert(s *step, c *ocsf.Cell, v alert.Value) bool {
	outcome := s.set(c, v)
	if outcome == refused && (v.Kind == alert.List || v.Kind == alert.Object) && isEmpty(v) {
		outcome = absent // where a scalar belongs, nothing in a list is nothing
	}
	if w.trace != nil {
		w.trace.judged(s, c, v, outcome)
	}
	switch outcome {
	case written:
		return true
	case cut:
		w.keep(s.target)
		return true
	case refused:
		w.fail(failure{target: s.target, value: v})
	}
	return false
}

// appendItems adds what a value gives to a list of scalars: the items of a
// list, or a single value as one.
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
	live := false
	for it := v.Items(); it.Next(); {
		live = w.appendItem(s, list, it.Value()) || live
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

// group runs a nested object in place and clears it again when it is not
// whole.
func (w *Worker) group(s *step, pc int, rec *ocsf.Record) bool {
	cell := &rec.Cells[s.field.Cell]
	cell.Set = true
	if !w.holds(s) {
		cell.Set = false
		return false
	}
	w.trace.enter(s, -1)
	live := w.steps(pc, s.end, rec)
	stays := w.stays(s, rec, live)
	w.trace.leave()
	if stays {
		return live
	}
	for i := s.whole.first; i < s.whole.last; i++ {
		(&ocsf.Record{Cells: rec.Cells[i : i+1]}).Reset()
	}
	return false
}

// item runs the body of one item of a list; it tells whether the item stays.
func (w *Worker) item(s *step, pc int, rec *ocsf.Record) bool {
	if !w.holds(s) {
		return false
	}
	list := &rec.Cells[s.field.Cell]
	item := list.Add(s.field.ItemCells)
	w.trace.enter(s, len(list.Items)-1)
	live := w.steps(pc, s.end, item)
	stays := w.stays(s, item, live)
	w.trace.leave()
	if !stays {
		list.DropLast()
		return false
	}
	list.Set = true
	return true
}

// each makes one item for each element; a single value counts as one element.
func (w *Worker) each(s *step, pc int, rec *ocsf.Record) bool {
	v, err := w.run(s.program)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
		w.trace.skip(s, s.program, err)
		return false
	}
	if w.trace != nil && (v.Kind == alert.Nil || v.Kind == alert.List && isEmpty(v)) {
		w.trace.skip(s, s.program, nil)
	}
	outer, live := w.env.It, false
	if v.Kind == alert.List {
		for it := v.Items(); it.Next(); {
			w.env.It = it.Value()
			live = w.item(s, pc, rec) || live
		}
	} else if v.Kind != alert.Nil {
		w.env.It = v
		live = w.item(s, pc, rec)
	}
	w.env.It = outer
	return live
}

// stays judges an object by what it needs. Constants alone do not keep it,
// unless nothing but constants was ever meant or what encloses it requires it.
// One that lost live values because it is not whole is counted.
func (w *Worker) stays(s *step, rec *ocsf.Record, live bool) bool {
	if !live && !s.whole.constant && !s.whole.needed {
		w.trace.drop(s, "")
		return false
	}
	lacks, f := s.whole.lacks(rec)
	switch {
	case f == nil:
		return true
	case live:
		w.fail(failure{target: s.target, lacks: lacks, missing: f.Name})
	default:
		w.failures = append(w.failures, failure{target: s.target, lacks: lacks, missing: f.Name})
	}
	w.trace.drop(s, lacks)
	return false
}

// lacks tells what an object needs and has not, in words and as the (first)
// field in question; nil when it is whole.
func (o *whole) lacks(rec *ocsf.Record) (string, *ocsf.Field) {
	for _, f := range o.required {
		if !rec.Cells[f.Cell].Set {
			return "`" + f.Name + "`", f
		}
	}
	if len(o.atLeastOne) > 0 && count(o.atLeastOne, rec) == 0 {
		return "at least one of " + fieldNames(o.atLeastOne), o.atLeastOne[0]
	}
	if len(o.justOne) > 0 && count(o.justOne, rec) != 1 {
		return "exactly one of " + fieldNames(o.justOne), o.justOne[0]
	}
	return "", nil
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

// open fills an open object.
func (w *Worker) open(s *step, rec *ocsf.Record) bool {
	c := &rec.Cells[s.field.Cell]
	before := len(c.Pairs)
	switch s.op {
	case opPairs:
		w.entries(s, c)
	case opRest:
		w.stated = before
		for _, l := range w.scanner.Rest() {
			if before == 0 || !hasKey(c.Pairs[:before], l.Key) {
				c.Pairs = append(c.Pairs, ocsf.Pair(l))
			}
		}
	case opKept:
		w.originals(c)
	}
	c.Set = len(c.Pairs) > 0
	if w.trace != nil {
		w.trace.opened(s, c.Pairs[before:])
	}
	return len(c.Pairs) > before
}

// entries adds the leaves of a value under the step's key.
func (w *Worker) entries(s *step, c *ocsf.Cell) {
	if s.program < 0 {
		c.Pairs = append(c.Pairs, ocsf.Pair{Key: s.key, Value: s.constant.Text})
		return
	}
	v, err := w.run(s.program)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
		return
	}
	addLeaves(c, s.key, v)
}

func addLeaves(c *ocsf.Cell, key string, v alert.Value) {
	switch v.Kind {
	case alert.List:
		n := 0
		for it := v.Items(); it.Next(); n++ {
			addLeaves(c, key+"."+strconv.Itoa(n), it.Value())
		}
	case alert.Object:
		object, _ := v.Interface().(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(object)) {
			addLeaves(c, appendName(key, name), alert.FromAny(object[name]))
		}
	default:
		if t, _ := text(v); t != "" {
			c.Pairs = append(c.Pairs, ocsf.Pair{Key: key, Value: t})
		}
	}
}

// originals adds the leaves that failed conversions read, each once. Entries
// that the mapping gave itself stay as it gave them; `$rest` never has these
// leaves, since a rule reads them.
func (w *Worker) originals(c *ocsf.Cell) {
	if !w.anyKept {
		return
	}
	w.leaves = w.leaves[:0]
	for i, kept := range w.kept {
		if kept {
			w.leaves = w.scanner.AppendLeaves(w.leaves, i)
		}
	}
	added := make(map[string]bool, len(w.leaves))
	for _, p := range c.Pairs[:w.stated] {
		added[p.Key] = true
	}
	for _, l := range w.leaves {
		if !added[l.Key] {
			added[l.Key] = true
			c.Pairs = append(c.Pairs, ocsf.Pair(l))
		}
	}
}

func hasKey(pairs []ocsf.Pair, key string) bool {
	for i := range pairs {
		if pairs[i].Key == key {
			return true
		}
	}
	return false
}

// preview shows a value in a reason, shortened.
func preview(v alert.Value) string {
	const most = 64
	switch v.Kind {
	case alert.List:
		return "a list"
	case alert.Object:
		return "an object"
	}
	t, _ := text(v)
	if utf8.RuneCountInString(t) > most {
		t = firstCharacters(t, most) + "…"
	}
	if v.Kind == alert.Text {
		return strconv.Quote(t)
	}
	return t
}
