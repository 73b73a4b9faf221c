package plan

import "github.com/sluice-lake/sluice/engine/alert"

// Conditions are all that the conditions of a set read. A nil Conditions knows nothing. It
// belongs to the goroutine of its Workers.
type Conditions struct{ reads []conditionRead }

// conditionRead is a value that a condition reads.
type conditionRead struct {
	alert *alert.Reader
	want  int
}

// NewConditions returns what the conditions of Workers read that share a scanner; a nil
// Worker has one of its own. It returns nil if that is not all that decides whether a mapping
// takes an alert.
func NewConditions(workers []*Worker) *Conditions {
	c, places := &Conditions{}, map[int]bool{}
	for _, w := range workers {
		if w == nil {
			return nil
		}
		when := w.plan.gate.when
		switch {
		case when == nil:
			continue
		case !when.fixed || w.plan.gate.test == nil:
			return nil
		}
		for _, want := range when.reads {
			if place := w.alert.Place(want); !places[place] {
				places[place] = true
				c.reads = append(c.reads, conditionRead{w.alert, want})
			}
		}
	}
	if len(workers) < leastGates {
		return nil
	}
	return c
}

// Idle reports whether the alert that the scanner has read has none of these values.
func (c *Conditions) Idle() bool {
	if c == nil {
		return false
	}
	for _, r := range c.reads {
		if !r.alert.Missing(r.want) {
			return false
		}
	}
	return true
}
