package plan

import (
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// observer makes the observables of one event. Its memory is reused.
type observer struct {
	plan *observables
	list *ocsf.Cell
	own  int // items that the mapping's own rules made; they come first
	// owned are their names and values, where they are many.
	owned map[[2]string]bool
	// Each observable from the event points to the one before it of the same
	// attribute: last by the attribute's number, before by the item. 0 is none, else
	// 1 + the item's position.
	last, before []int32
	seen         map[observedValue]bool // of attributes with many values
}

// observedValue is a value of an attribute, by the attribute's number.
type observedValue struct {
	number int
	text   string
}

// maxChain is how many values of one attribute are compared one by one.
const maxChain = 32

// observe makes an observable of each attribute of the event that is one. It runs
// when all of them are written.
func (w *Worker) observe(s *step, rec *ocsf.Record) {
	o := &w.observer
	o.plan, o.list = w.plan.observables, &rec.Cells[s.field.Cell]
	o.own = len(o.list.Items)
	if len(o.last) < o.plan.count {
		o.last = make([]int32, o.plan.count)
	}
	clear(o.last)
	o.before = append(o.before[:0], make([]int32, o.own)...)
	clear(o.seen)
	o.noteOwned()
	w.observeIn(o.plan.attributes, s.field, rec, "")
	o.list.Set = len(o.list.Items) > 0
	w.machine.Work += len(o.list.Items) - o.own
}

// observeIn makes the observables of one record. At is its path with positions,
// kept only for explanations.
func (w *Worker) observeIn(attributes []observed, list *ocsf.Field, rec *ocsf.Record, at string) {
	for i := range attributes {
		a := &attributes[i]
		c := &rec.Cells[a.field.Cell]
		switch {
		case !c.Set:
		case !a.field.List:
			w.observeOne(a, list, rec, c, w.trace.inside(at, a.field.Name, -1))
		default:
			for j := range c.Items {
				item := &c.Items[j]
				w.observeOne(a, list, item, &item.Cells[0], w.trace.inside(at, a.field.Name, j))
			}
		}
	}
}

// observeOne makes the observables of an attribute, or of one item of a list: of
// the scalar in c, or of an object whose attributes are in rec.
func (w *Worker) observeOne(a *observed, list *ocsf.Field, rec *ocsf.Record, c *ocsf.Cell, at string) {
	if a.field.Attribute.Object != nil {
		if a.id != 0 {
			w.emit(a, list, "", at)
		}
		w.observeIn(a.inner, list, rec, at)
		return
	}
	switch a.field.Attribute.Type.Kind {
	case ocsf.String:
		w.emit(a, list, c.Text, at)
	case ocsf.Integer, ocsf.Long:
		w.emit(a, list, w.machine.Arena.TextOf(alert.OfInt(c.Num)), at)
	}
}

// emit adds an observable, unless there is one of that name and value.
func (w *Worker) emit(a *observed, list *ocsf.Field, value, at string) {
	o := &w.observer
	if a.many && o.has(a, value) || o.own > 0 && o.stated(a.name, value) {
		return
	}
	cells := w.lists.Add(o.list, list.ItemCells).Cells
	set := func(f *ocsf.Field, text string) {
		c := &cells[f.Cell]
		c.Set, c.Text = true, text
	}
	set(o.plan.name, a.name)
	set(o.plan.caption, a.caption)
	id := &cells[o.plan.id.Cell]
	id.Set, id.Num = true, a.id
	if a.field.Attribute.Object == nil {
		set(o.plan.value, value)
	}
	o.before = append(o.before, o.last[a.number])
	o.last[a.number] = int32(len(o.list.Items))
	w.trace.observed(o, a, value, at)
}

// has reports whether an attribute has made an observable of a value.
func (o *observer) has(a *observed, value string) bool {
	steps := 0
	for i := o.last[a.number]; i != 0; i = o.before[i-1] {
		if o.list.Items[i-1].Cells[o.plan.value.Cell].Text == value {
			return true
		}
		if steps++; steps == maxChain {
			return o.remembers(a, value)
		}
	}
	return false
}

// remembers does the same by a map, for an attribute with many values. The map
// has every value older than the chain that has looked at.
func (o *observer) remembers(a *observed, value string) bool {
	if o.seen == nil {
		o.seen = map[observedValue]bool{}
	}
	newest := int(o.last[a.number])
	for i := newest; i != 0; i = int(o.before[i-1]) {
		key := observedValue{a.number, o.list.Items[i-1].Cells[o.plan.value.Cell].Text}
		if o.seen[key] {
			break
		}
		o.seen[key] = true
	}
	return o.seen[observedValue{a.number, value}]
}

// noteOwned notes what the mapping's own rules made, if there is too much of it to be
// compared one by one.
func (o *observer) noteOwned() {
	if o.owned = nil; o.own <= maxChain {
		return
	}
	o.owned = make(map[[2]string]bool, o.own)
	for i := range o.list.Items[:o.own] {
		cells := o.list.Items[i].Cells
		o.owned[[2]string{cells[o.plan.name.Cell].Text, cells[o.plan.value.Cell].Text}] = true
	}
}

// stated reports whether the mapping's own rules made an observable of that name
// and value.
func (o *observer) stated(name, value string) bool {
	if o.owned != nil {
		return o.owned[[2]string{name, value}]
	}
	for i := range o.list.Items[:o.own] {
		cells := o.list.Items[i].Cells
		if cells[o.plan.name.Cell].Text == name && cells[o.plan.value.Cell].Text == value {
			return true
		}
	}
	return false
}
