package plan

import (
	"errors"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
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
	w.readIn[i] = w.alerts
	if v := &w.env.Values[i]; !w.alert.Missing(i) {
		*v = w.wanted(i)
	} else if v.Kind != alert.Nil {
		*v = alert.Value{}
	}
}

// wanted is a wanted value as rules see it.
func (w *Worker) wanted(i int) alert.Value {
	v := w.alert.Value(i)
	if w.plan.absent != nil && (v.Kind == alert.Text || v.IsRaw() && w.maybeAbsent()) {
		v = w.plan.absent.Of(v, w.alert)
	}
	return v
}

// maybeAbsent looks for texts that are nothing once in the line, before each list and
// object is searched. Most mappings of a set read a few texts of an alert, and look nowhere.
func (w *Worker) maybeAbsent() bool {
	if w.lookedIn != w.alerts {
		w.lookedIn, w.anyAbsent = w.alerts, w.plan.absent.MaybeIn(w.env.Line)
	}
	return w.anyAbsent
}

// let evaluates a named value when it is first read, once for each alert.
func (w *Worker) let(i int) (alert.Value, error) {
	l := &w.lets[i]
	if l.of == w.alerts && l.costly {
		w.machine.Costly++ // whoever needs it depends on the budget, too
	}
	if l.of != w.alerts {
		before := w.machine.Costly
		l.of, l.env.Line = w.alerts, w.env.Line
		l.value, l.err = w.plan.lets[i].constant, nil
		if p := w.plan.lets[i].program; p != nil {
			w.need(p)
			l.value, l.err = p.Run(w.machine, &l.env)
		}
		l.costly = w.machine.Costly > before
	}
	return l.value, l.err
}

var errStopped = errors.New("the run has ended")

// run evaluates a program against the current alert and element.
func (w *Worker) run(p *program) (alert.Value, error) {
	if w.Stop != nil && w.Stop.Load() {
		w.growth.refused = true // lists end, too
		return alert.Value{}, errStopped
	}
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
