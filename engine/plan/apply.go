package plan

import (
	"errors"
	"sync/atomic"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Outcome is what became of one alert. Every alert has exactly one.
type Outcome uint8

// The outcomes.
const (
	Event     Outcome = iota // an event was made
	Reject                   // it could not become an event
	Unmatched                // `when` does not hold
	Dropped                  // the mapping or a transform dropped it
)

// String is the outcome as reports name it.
func (o Outcome) String() string {
	switch o {
	case Event:
		return "event"
	case Unmatched:
		return "unmatched"
	case Dropped:
		return "dropped"
	}
	return "reject"
}

// Result is the outcome of one Apply. Its Event is valid until the next Apply of
// the same Worker, and the texts in it may alias the line.
type Result struct {
	Outcome Outcome
	Event   *ocsf.Event // nil for every other Outcome
	// Reason says in a sentence why the alert is rejected.
	Reason string
	// Where is the rule that rejected it, nil if none did (the line is not an
	// alert). It belongs to the Plan and must not be changed.
	Where *Rule
}

// Worker applies a Plan. It belongs to one goroutine.
type Worker struct {
	plan    *Plan
	scanner *alert.Scanner // nil if the set scans the alert
	alert   *alert.Reader
	machine *expression.Machine
	event   *ocsf.Event
	env     expression.Env
	alerts  uint64   // so far
	readIn  []uint64 // the alert for which each of env.Values was read
	lets    []letState
	// anyAbsent says whether the alert lookedIn may have a text that is nothing (absent).
	anyAbsent bool
	lookedIn  uint64
	// Failed counts the failed conversions since the Worker was made, by index into
	// Plan.Attributes.
	Failed []int64
	// Original is the line before its repair, "" if the current alert needed none.
	// Whoever repairs a line sets it before Apply.
	Original string

	// What units gave, by the values that they followed from; nil to run every step
	// for every alert.
	recalls       []recall
	once          *once
	recalledBytes int
	results       uint32 // that units ever remembered
	key           key    // of the last unit that was looked up
	sure          bool   // the last test follows from the values of its unit alone
	certain       bool   // and so does whether the mapping takes the alert

	observer   observer
	hasProfile []bool // by number of the profile; only for those that their own steps decide
	failures   []failure
	origins    alert.Origins // of the values that were written, where there is `$rest`
	partly     int           // values of which only a part was written, in all alerts
	kept       []bool        // wanted values whose originals go to unmapped
	anyKept    bool
	leaves     []alert.Leaf
	joined     bool // see Degraded
	growth     growth
	// Stop, once it is true, keeps expressions from being evaluated; nil for never. The
	// caller discards the result.
	Stop   *atomic.Bool
	guests guestState
	trace  *trace // nil except in Explain
}

// letState is one named value of the current alert.
type letState struct {
	env    expression.Env
	of     uint64 // the alert that the value is of
	costly bool   // it took from the budget of the alert
	value  alert.Value
	err    error
}

// NewWorker makes a Worker for the calling goroutine. It scans alerts itself, in
// Apply.
func (p *Plan) NewWorker() *Worker {
	scanner := alert.NewSpec(p.Reading.Wants, p.Reading.Rest, alert.Limits{}).NewScanner()
	w := p.NewSetWorker(&scanner.Reader)
	w.scanner = scanner
	return w
}

// NewSetWorker makes a Worker for alerts that a scanner shared by a set of plans
// has scanned: r is the reader of the Plan's Reading. Call ApplyScanned on it.
func (p *Plan) NewSetWorker(r *alert.Reader) *Worker {
	wants := len(p.Reading.Wants)
	w := &Worker{
		plan: p, alert: r, machine: expression.NewMachine(), lets: make([]letState, len(p.lets)),
		Failed: make([]int64, len(p.Attributes)), kept: make([]bool, wants), hasProfile: make([]bool, len(p.profiles)),
	}
	if p.Reading.Rest || p.options.Follow {
		w.machine.Origins = &w.origins
	}
	if !p.Drops() {
		w.event = ocsf.NewEvent(p.Layout)
	}
	w.env.Let, w.env.Values, w.readIn = w.let, make([]alert.Value, wants), make([]uint64, wants)
	for i, l := range p.lets {
		w.lets[i].env.Let, w.lets[i].env.Values = w.let, w.env.Values
		if l.program != nil {
			w.lets[i].env.Slots = l.program.slots
		}
	}
	if !p.options.Plain {
		w.recalls, w.once = make([]recall, len(p.units)), new(once)
	}
	w.openGuests()
	return w
}

// Apply maps one alert, given as a line without its end.
func (w *Worker) Apply(line string) Result {
	line, stopped := w.before(line)
	if stopped != nil {
		return *stopped
	}
	if err := w.scanner.Scan(line); err != nil {
		return Result{Outcome: Reject, Reason: err.Error()}
	}
	return w.ApplyScanned(line)
}

// ApplyScanned maps the alert that the scanner of the set has just scanned; line
// is its text.
func (w *Worker) ApplyScanned(line string) Result {
	w.begin(line)
	if r := w.asked(); r.Outcome != Event {
		return r
	}
	return w.made()
}

// ApplyTaken is ApplyScanned for an alert that the mapping is known to take.
func (w *Worker) ApplyTaken(line string) Result {
	w.begin(line)
	return w.made()
}

// made is what becomes of an alert that the mapping takes.
func (w *Worker) made() Result {
	w.take()
	w.decideProfiles()
	w.steps(0, len(w.plan.steps), &w.event.Record)
	r := w.result()
	if r.Outcome == Event {
		if r = w.after(r); r.Outcome != Event {
			w.Retract()
		}
	}
	return r
}

// Retract takes the failed conversions of the event that the last Apply made out
// of the counts: nothing comes of that event.
func (w *Worker) Retract() {
	for i := range w.failures {
		if f := &w.failures[i]; f.counted {
			w.Failed[f.target.number]--
		}
	}
}

// asked decides whether the mapping takes the alert. The outcome Event means that
// it does, and Dropped that it drops the alert. Until then it reads only what
// `when` needs.
func (w *Worker) asked() Result {
	p := w.plan.gate.when
	if p == nil {
		return Result{}
	}
	takes, err := w.test(w.plan.gate)
	w.certain = w.sure
	w.trace.condition(p, takes, err)
	switch {
	case err != nil:
		return Result{Outcome: Reject, Reason: "the condition of the mapping failed: " + err.Error(), Where: p.rule("when")}
	case !takes:
		return Result{Outcome: Unmatched}
	case w.plan.Drops() && w.guests.stop != nil:
		return Result{Outcome: Reject, Reason: w.guests.stop.Error(), Where: p.rule("when")}
	case w.plan.Drops():
		return Result{Outcome: Dropped}
	}
	return Result{}
}

func (w *Worker) begin(line string) {
	w.env.Line = line
	w.alerts++
	w.guests.stop, w.joined = nil, false
	w.growth.begin(line)
	w.machine.Begin()
	w.origins.Reset()
}

// take prepares the worker for the steps.
func (w *Worker) take() {
	w.event.Reset()
	if w.trace != nil {
		w.read()
	}
	w.failures = w.failures[:0]
	if w.anyKept {
		clear(w.kept)
		w.anyKept = false
	}
}

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
			w.readIn[i], w.env.Values[i] = w.alerts, w.wanted(i)
		}
	}
	for _, i := range p.asked {
		if w.readIn[i] == w.alerts {
			continue
		}
		if v := w.alert.Value(i); v.IsRaw() {
			w.env.Values[i] = v // and whoever needs what is in it reads it
		} else {
			w.readIn[i], w.env.Values[i] = w.alerts, w.wanted(i)
		}
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
func (w *Worker) holds(s *step) bool {
	when := s.block.when
	if when == nil {
		return true
	}
	ok, err := w.test(s.block)
	if err != nil {
		w.fail(failure{target: s.target, err: err})
	}
	if err != nil || !ok {
		w.trace.skip(s, when, err)
	}
	return ok && err == nil
}
