package plan

import (
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
	arena   alert.Arena // of what the rules make of the current alert
	lists   ocsf.Lists  // of its event
	event   *ocsf.Event
	env     expression.Env
	alerts  uint64 // so far
	lets    []letState

	filled    uint64   // the alert of which env.Values has the values
	there     []int32  // those that are not absence, and maybe more
	unsettled []uint64 // sets of 64: the lists and objects in which absent texts may be
	// clean is the longest list or object of that alert that is known to have no text that is
	// nothing (absent).
	clean alert.Value

	// Failed counts the failed conversions since the Worker was made, or CountAnew was called, by index into
	// Plan.Attributes.
	Failed []int64
	// Original is the line before its repair, "" if the current alert needed none.
	// Whoever repairs a line sets it before Apply.
	Original string

	routes routes
	route  *route          // of the current alert
	whole  *route          // with all steps, which remembers nothing; nil if none has needed it
	least  *least          // nil if no alert has needed it
	spent  bool            // the current alert becomes the least event
	part   uint64          // of the input
	ways   map[uint32]bool // the sets of values in it, as far as they are few

	// What units gave, by the values that they followed from.
	recalls       []recall
	gate          int32 // index into recalls of the `when` of the mapping
	recalledBytes int
	memory        *Memory // of the set
	number        uint32  // see Memory.join
	results       uint32  // that units ever remembered
	key           key     // of the last unit that was looked up
	sure          bool    // the last test follows from the values of its unit alone
	certain       bool    // and so does whether the mapping takes the alert
	asking        int     // the work of that test
	looks, looked mask    // the values that rules look at, and those that the `when` did; nil: they are not noted

	runs    uint64    // evaluations of rules so far
	letting *letState // the let that is evaluated, nil for none

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
	rested     int // see Bytes
	// Grown is the bytes of what other mappings made of the current alert, which count for
	// what its events may come to. Whoever applies several sets it before each.
	Grown int
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

	// work is that of its own evaluation. A rule counts it with that of the needs: paid is the
	// run that did.
	work  int
	needs []*letState // those with work that it needed
	needy *letState   // whose needs it was added to last
	paid  uint64
}

// NewWorker makes a Worker for the calling goroutine. It scans alerts itself, in
// Apply.
func (p *Plan) NewWorker() *Worker {
	scanner := alert.NewSpec(p.Reading.Wants, p.Reading.Rest, alert.Limits{}).NewScanner()
	w := p.NewSetWorker(&scanner.Reader, NewMemory())
	w.scanner = scanner
	w.lend(p.alone == nil)
	return w
}

// NewSetWorker makes a Worker for alerts that a scanner shared by a set of plans
// has scanned: r is the reader of the Plan's Reading, memory that of the set. Call ApplyScanned
// on it.
func (p *Plan) NewSetWorker(r *alert.Reader, memory *Memory) *Worker {
	wants := len(p.Reading.Wants)
	w := &Worker{
		plan: p, alert: r, machine: expression.NewMachine(), lets: make([]letState, len(p.lets)),
		Failed: make([]int64, len(p.Attributes)), kept: make([]bool, wants), hasProfile: make([]bool, len(p.profiles)), gate: none,
		part: 1, ways: map[uint32]bool{},
	}
	w.machine.Arena = &w.arena
	if p.Reading.Rest || p.options.Follow {
		w.machine.Origins = &w.origins
	}
	if !p.Drops() {
		w.event = ocsf.NewEvent(p.Layout)
	}
	w.env.Let, w.env.Values, w.unsettled = w.let, make([]alert.Value, wants), make([]uint64, (wants+63)/64)
	for i, l := range p.lets {
		w.lets[i].env.Let, w.lets[i].env.Values = w.let, w.env.Values
		if l.program != nil {
			w.lets[i].env.Slots = l.program.slots
		}
	}
	if !p.options.Plain {
		w.memory, w.number, w.routes.variants = memory, memory.join(w), map[variant]int32{}
		w.forgetRoutes()
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
	w.begin(line, 0)
	r := w.asked()
	if r.Outcome == Event {
		r = w.made()
	}
	w.machine.End()
	return r
}

// ApplyTaken is ApplyScanned for an alert that the mapping is known to take. Asking is the
// work that it took to know.
func (w *Worker) ApplyTaken(line string, asking int) Result {
	w.begin(line, asking)
	r := w.made()
	w.machine.End()
	return r
}

// made is what becomes of an alert that the mapping takes.
func (w *Worker) made() Result {
	w.take()
	if w.spent = w.machine.Spent(); w.spent {
		w.routeLeast()
	} else {
		w.routed()
	}
	w.decideProfiles()
	w.steps(0, len(w.route.stops), &w.event.Record)
	w.machine.Work += w.growth.steps()
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
	clear(w.looks)
	before := w.runs
	takes, err := w.test(w.plan.gate, w.gate)
	w.certain, w.asking = w.sure, w.machine.Work
	if copy(w.looked, w.looks); w.runs == before {
		w.looked.fill() // it was recalled by all that it may look at
	}
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

// begin begins an alert, for which work was done before.
func (w *Worker) begin(line string, work int) {
	w.env.Line = line
	w.alerts++
	w.guests.stop, w.joined, w.spent, w.rested = nil, false, false, 0
	w.growth.begin(len(line), w.Grown)
	w.machine.Begin(work)
	w.origins.Reset()
	w.arena.Reset()
}

// take prepares the worker for the steps.
func (w *Worker) take() {
	w.lists.Begin(w.event)
	if w.trace != nil {
		w.read()
	}
	w.failures = w.failures[:0]
	if w.anyKept {
		clear(w.kept)
		w.anyKept = false
	}
}
