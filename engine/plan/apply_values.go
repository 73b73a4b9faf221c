package plan

import (
	"errors"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/function"
)

// read reads all wanted values of the alert.
func (w *Worker) read() {
	for i := range w.env.Values {
		w.env.Values[i] = w.wanted(i)
	}
}

// need reads those of a program's wanted values that were not read for this alert. What is
// in a list or object is not looked at where only its existence counts.
func (w *Worker) need(p *program) {
	for _, i := range p.used {
		if w.readIn[i] != w.alerts {
			w.readOne(i)
		}
	}
	for _, i := range p.asked {
		if w.readIn[i] == w.alerts {
			continue
		}
		if v := w.alert.Value(i); v.IsRaw() {
			w.env.Values[i] = v // and whoever needs what is in it reads it
		} else {
			w.readOne(i)
		}
	}
}

// readOne reads a wanted value. Most are not there, and were not there before.
func (w *Worker) readOne(i int) {
	v := &w.env.Values[i]
	switch {
	case !w.alert.Missing(i):
		w.alert.Read(v, i)
		switch {
		case w.plan.absent == nil:
		case v.Kind == alert.Text && w.plan.absent.Has(v.Text):
			*v = alert.Value{}
		case v.Kind >= alert.List:
			*v = w.wanted(i)
		}
	case v.Kind != alert.Nil:
		*v = alert.Value{}
	}
	w.readIn[i] = w.alerts
}

// wanted is a wanted value as rules see it. A list or object is searched for absent texts
// once for each alert, however many rules copy it.
func (w *Worker) wanted(i int) alert.Value {
	v := w.alert.Value(i)
	switch {
	case w.plan.absent == nil:
	case v.Kind == alert.Text:
		v = w.plan.absent.Of(v, w.alert, w.machine.Arena)
	case v.IsRaw() && !w.isClean(&v):
		if w.readIn[i] != w.alerts {
			w.readIn[i], w.env.Values[i] = w.alerts, w.plan.absent.Without(v, w.alert, w.machine.Arena)
		}
		v = w.env.Values[i]
	}
	return v
}

// isClean reports whether a list or object of the alert is known to have no text that is nothing.
// It looks in what it has not looked in for the alert.
func (w *Worker) isClean(v *alert.Value) bool {
	if w.lookedIn != w.alerts {
		w.lookedIn, w.clean = w.alerts, alert.Value{}
	}
	switch {
	case v.LiesIn(&w.clean):
		return true
	case w.plan.absent.MaybeIn(v.Text):
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
		return w.let(p.Lets[0])
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
