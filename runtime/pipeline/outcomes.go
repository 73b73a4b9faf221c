package pipeline

import "sync"

// outcomes passes on what became of the units, in their order: several are published at the
// same time, so they end in another. It forgets what it has passed on: a run may have
// any number of units.
type outcomes struct {
	pass func(*Input) // called by one goroutine at a time

	mu    sync.Mutex
	first int // number of the first unit that is not passed on
	turns []outcome
}

// outcome is a unit that has begun.
type outcome struct {
	unit   *unit  // nil once it has ended
	result *Input // then, nil of a repeat
}

// begin adds the next unit.
func (o *outcomes) begin(u *unit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.turns = append(o.turns, outcome{unit: u})
}

// end takes over what is left of a unit of which nothing is to be written any more.
func (o *outcomes) end(u *unit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	ended := outcome{result: u.result}
	if u.repeat {
		ended.result = nil
	}
	o.turns[u.number-o.first] = ended
	for len(o.turns) > 0 && o.turns[0].unit == nil {
		o.next()
	}
}

// next passes on the first outcome.
func (o *outcomes) next() {
	if result := o.turns[0].result; result != nil {
		o.pass(result)
	}
	o.turns[0] = outcome{}
	o.first, o.turns = o.first+1, o.turns[1:]
}

// rest ends the units that have not ended, and passes on what is left.
func (o *outcomes) rest(abort func(*unit)) {
	for len(o.turns) > 0 {
		if u := o.turns[0].unit; u != nil {
			abort(u)
			o.turns[0].result = u.result
		}
		o.next()
	}
}
