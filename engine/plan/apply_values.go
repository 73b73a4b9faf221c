package plan

import (
	"errors"
	"math/bits"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/function"
)

// read reads all wanted values of the alert.
func (w *Worker) read() {
	w.fill()
	for _, i := range w.there {
		w.wanted(int(i))
	}
}

// fill reads the values that the alert has, when something needs one of them. The others are absence.
// In lists and objects there may be absent texts until settle has looked.
func (w *Worker) fill() {
	if w.filled == w.alerts {
		return
	}
	for _, i := range w.there {
		w.env.Values[i] = alert.Value{} // of another alert
	}
	w.filled, w.clean, w.there = w.alerts, alert.Value{}, w.alert.AppendThere(w.there[:0])
	clear(w.unsettled)
	absent := w.plan.absent
	for _, i := range w.there {
		v := &w.env.Values[i]
		w.alert.Read(v, int(i))
		switch {
		case absent == nil:
		case v.Kind >= alert.List:
			w.unsettled[i/64] |= 1 << (i % 64)
		case v.Kind == alert.Text && absent.Has(v.Text):
			*v = alert.Value{}
		}
	}
}

// need reads the values that a program reads. What is in a list or object is not looked at where
// only its existence counts.
func (w *Worker) need(p *program) {
	w.fill()
	for _, used := range p.used {
		for set := w.unsettled[used.at] & used.set; set != 0; set &= set - 1 {
			w.settle(64*used.at + bits.TrailingZeros64(set))
		}
	}
}

// settle removes the absent texts from a list or object, once for each alert, however many rules
// read it.
func (w *Worker) settle(i int) {
	w.unsettled[i/64] &^= 1 << (i % 64)
	if v := &w.env.Values[i]; !w.isClean(v) {
		*v = w.plan.absent.Without(*v, w.alert, w.machine.Arena)
	}
}

// wanted is a wanted value as rules see it.
func (w *Worker) wanted(i int) alert.Value {
	w.fill()
	if w.unsettled[i/64]>>(i%64)&1 != 0 {
		w.settle(i)
	}
	return w.env.Values[i]
}

// isClean reports whether a list or object of the alert is known to have no text that is nothing.
// It looks in what it has not looked in for the alert.
func (w *Worker) isClean(v *alert.Value) bool {
	switch {
	case v.LiesIn(&w.clean):
		return true
	case w.alert.MayHave(w.plan.absent, v):
		return false
	case len(v.Text) > len(w.clean.Text):
		w.clean = *v
	}
	return true
}

// let evaluates a named value when it is first read, once for each alert.
func (w *Worker) let(i int) (alert.Value, error) {
	l := &w.lets[i]
	switch {
	case l.of != w.alerts:
		w.evaluate(l, &w.plan.lets[i])
	case l.costly:
		w.machine.Costly++ // whoever needs it depends on the budget, too
	}
	if l.work > 0 || len(l.needs) > 0 {
		w.pay(l)
	}
	return l.value, l.err
}

// evaluate evaluates a named value for the current alert.
func (w *Worker) evaluate(l *letState, of *let) {
	before, outer := w.machine.Costly, w.letting
	l.of, l.env.Line, w.letting = w.alerts, w.env.Line, l
	l.value, l.err, l.work, l.needs, l.needy = of.constant, nil, 0, l.needs[:0], nil
	if p := of.program; p != nil {
		w.need(p)
		w.machine.Last = 0 // if it is a path, nothing runs
		l.value, l.err = p.Run(w.machine, &l.env)
		l.work = w.machine.Last + p.Size/stepParts
		w.machine.Work -= w.machine.Last // pay counts it
	}
	l.costly, w.letting = w.machine.Costly > before, outer
}

// pay counts the work of a let, and of those that it needed, for the rule that is evaluated:
// once for each rule, whichever needed it first. So what a rule counts follows from the
// values that it reads, and can be recalled with its result.
func (w *Worker) pay(l *letState) {
	if in := w.letting; in != nil && l.needy != in {
		l.needy, in.needs = in, append(in.needs, l)
	}
	w.payOnce(l)
}

func (w *Worker) payOnce(l *letState) {
	if l.paid == w.runs {
		return
	}
	l.paid = w.runs
	w.machine.Work += 1 + l.work // to come here is a step
	for _, needed := range l.needs {
		w.payOnce(needed)
	}
}

var errStopped = errors.New("the run has ended")

// run evaluates a program against the current alert and element.
func (w *Worker) run(p *program) (alert.Value, error) {
	if w.Stop != nil && w.Stop.Load() {
		w.growth.refused = true // lists end, too
		return alert.Value{}, errStopped
	}
	if !w.machine.Affords(0) {
		return alert.Value{}, function.ErrAlert
	}
	w.runs++
	w.machine.Work += p.work
	if p.bare {
		return w.let(p.Needs[0])
	}
	w.need(p)
	w.env.Slots = p.slots
	return p.Run(w.machine, &w.env)
}

// condition evaluates a program whose result must be true, false or nothing.
func (w *Worker) condition(p *program) (bool, error) {
	v, err := w.run(p)
	if err != nil {
		return false, err
	}
	return expression.Condition(v)
}

// holds reports whether the `$when` of a step holds.
func (w *Worker) holds(s *step, test int32) bool {
	when := s.block.when
	if when == nil {
		return true
	}
	ok, err := w.test(s.block, test)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
	}
	if err != nil || !ok {
		w.trace.skip(s, when, err)
	}
	return ok && err == nil
}
