// Package engine decides: it compiles mappings and turns alerts into OCSF
// events.
//
//	YAML ──► syntax ──► plan ──► Engine
//	                               │
//	one line of bytes ──► alert ──► event ──► (table, lake)
//
// The packages: syntax reads mappings and owns positions and faults; ocsf holds
// the facts of the schema and the Event; expression bridges expr-lang to the
// mapping language; alert takes the wanted values out of a line in one pass;
// plan ties a mapping to a class and runs it; mappingtest runs the tests that
// stand beside mappings, spelling guesses what a misspelt name was meant to be,
// and jsontext reads and writes JSON text. Nothing in here touches a file, the clock,
// the environment or the network: the same line and the same mapping give the
// same event, always and everywhere.
package engine

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// File is one mapping file: its name as people know it, its text, and the
// files that it includes by the names that syntax.Includes gives them.
type File struct {
	Name     string
	Text     []byte
	Includes map[string]syntax.Include
}

// Options change how alerts are applied, never what a mapping means.
type Options = plan.Options

// Mapping is one compiled mapping of an Engine.
type Mapping struct {
	Name, File string
	// Source is the custom source that the mapping names, "" when it leaves
	// that to the run.
	Source string
	Layout *ocsf.Layout
	// KeepsOriginals tells whether values that do not fit their attribute are kept
	// under `unmapped`. Else they are left out, counted and lost.
	KeepsOriginals bool
	// Attributes are the dotted names of what the rules write, each once, in the
	// order of the mapping. Worker.Conversions counts by them.
	Attributes []string
}

// Engine is a compiled set of mappings: the first whose `when` holds takes the
// alert. It is immutable and may be shared by goroutines.
type Engine struct {
	// Mappings are in the order in which they are asked: by priority, then name.
	Mappings []Mapping
	plans    []*plan.Plan
	spec     *alert.Spec // what the plans read, but for those that change alerts first
	strict   bool
}

// Compile compiles a set of mapping files. The error is a syntax.Faults with
// everything that is wrong in any of them.
func Compile(files []File, o Options) (*Engine, error) {
	plans, faults := each(files, func(m *syntax.Mapping, _ bool) (*plan.Plan, syntax.Faults) { return plan.Compile(m, o) })
	e, more := assemble(plans)
	if err := append(faults, more...).Err(); err != nil {
		return nil, err
	}
	e.strict = o.Strict
	return e, nil
}

// each parses and compiles every file. It returns the plans of the files
// without faults, and the faults of the others. compile is told whether the file
// could be read without faults.
func each(files []File, compile func(m *syntax.Mapping, whole bool) (*plan.Plan, syntax.Faults)) ([]*plan.Plan, syntax.Faults) {
	var plans []*plan.Plan
	var faults syntax.Faults
	for _, f := range files {
		mapping, found := syntax.Parse(f.Name, f.Text, f.Includes)
		if mapping != nil {
			p, more := compile(mapping, len(found) == 0)
			found = append(found, more...)
			if len(found) == 0 {
				plans = append(plans, p)
			}
		}
		faults = append(faults, found...)
	}
	return plans, faults
}

// assemble makes a set of plans and checks what they owe each other.
func assemble(plans []*plan.Plan) (*Engine, syntax.Faults) {
	slices.SortStableFunc(plans, func(a, b *plan.Plan) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Name, b.Name))
	})
	var faults syntax.Faults
	e := &Engine{plans: plans}
	for i, p := range plans {
		for _, other := range plans[:i] {
			together(&faults, other, p)
		}
		e.Mappings = append(e.Mappings, Mapping{Name: p.Name, File: p.File, Source: p.Source, Layout: p.Layout, KeepsOriginals: p.KeepsOriginals, Attributes: p.Attributes})
	}
	var readings []alert.Reading
	for _, p := range plans {
		if !p.ChangesAlerts() {
			readings = append(readings, p.Reading())
		}
	}
	e.spec = alert.NewSharedSpec(readings, alert.Limits{})
	return e, faults
}

// together checks what two mappings of one set owe each other.
func together(faults *syntax.Faults, a, b *plan.Plan) {
	if a.Name == b.Name {
		faults.Add(b.Pos, "the name `%s` is taken by %s: give each mapping of a set its own", b.Name, a.File)
	}
	if ocsf.SameColumns(a.Layout, b.Layout) {
		return
	}
	const words = "%s and %s make events of different columns, and each needs a custom source of its own: add `source:` to %s, or run one of them at a time"
	switch {
	case a.Source == "" && b.Source == "":
		faults.Add(b.Pos, words, a.File, b.File, "both")
	case a.Source == "":
		faults.Add(a.Pos, words, a.File, b.File, "this one")
	case b.Source == "":
		faults.Add(b.Pos, words, a.File, b.File, "this one")
	case a.Source == b.Source:
		faults.Add(b.Pos, "source `%s` is named by %s too, whose events have other columns: one source has one schema, so name another", b.Source, a.File)
	}
}

// Outcome is what became of one alert. Every alert has exactly one.
type Outcome = plan.Outcome

// The outcomes.
const (
	Event     = plan.Event     // an event was made
	Reject    = plan.Reject    // it could not become an event: Reason and Where say why
	Unmatched = plan.Unmatched // no mapping takes it
	Dropped   = plan.Dropped   // a transform dropped it
)

// Result is the outcome of one Apply.
type Result = plan.Result

// Worker applies an Engine. It belongs to one goroutine.
type Worker struct {
	engine  *Engine
	workers []*plan.Worker
	scanner *alert.Scanner
	// original is the line at hand as it came, if it was repaired, else "".
	original string
}

// NewWorker makes a Worker for the calling goroutine.
func (e *Engine) NewWorker() *Worker {
	w := &Worker{engine: e, scanner: e.spec.NewScanner()}
	shared := 0
	for _, p := range e.plans {
		if p.ChangesAlerts() {
			w.workers = append(w.workers, p.NewWorker())
			continue
		}
		w.workers = append(w.workers, p.NewSetWorker(w.scanner.NewReader(shared)))
		shared++
	}
	return w
}

// Apply maps one alert, given as a line without its end. The alert is scanned
// once for all mappings; one whose transforms change alerts scans what they make
// of it.
//
// Bytes that are not UTF-8 become U+FFFD, and the Result is Repaired; `$rest`
// keeps the line as it came, in base64. With Options.Strict they reject the alert.
func (w *Worker) Apply(line string) Result {
	line, err := w.scan(line)
	if err != nil {
		return Result{Outcome: Reject, Reason: err.Error()}
	}
	for i := range w.workers {
		if r := w.ask(i, line); r.Outcome != Unmatched {
			r.Mapping = i
			return r
		}
	}
	return Result{Outcome: Unmatched}
}

// ask lets one mapping have the alert.
func (w *Worker) ask(i int, line string) Result {
	var r Result
	if w.engine.plans[i].ChangesAlerts() {
		r = w.workers[i].Apply(oneLine(line))
	} else {
		r = w.workers[i].ApplyScanned(line)
	}
	r.Repaired = w.original != ""
	return r
}

// Renew makes guests of WebAssembly forget what they were told before. Called
// at fixed places of the input (the pipeline does so before each chunk), it
// makes results independent of which worker did which alerts. Without guests it
// costs nothing.
func (w *Worker) Renew() {
	for _, worker := range w.workers {
		worker.Renew()
	}
}

// Close gives back what guests hold. The Worker must not be used any more.
func (w *Worker) Close() {
	for _, worker := range w.workers {
		worker.Close()
	}
}

// GuestCounts tell what guests of WebAssembly did to alerts.
type GuestCounts = plan.GuestCounts

// GuestCounts are those since the Worker was made.
func (w *Worker) GuestCounts() GuestCounts {
	var sum GuestCounts
	for _, worker := range w.workers {
		sum.Add(worker.GuestCounts())
	}
	return sum
}

// Conversions counts the values that could not be converted since the Worker
// was made: one slice for each mapping of the Engine, with a count for each of
// its Attributes. The slices are the Worker's; they go on counting.
func (w *Worker) Conversions() [][]int64 {
	counts := make([][]int64, len(w.workers))
	for i, worker := range w.workers {
		counts[i] = worker.Failed
	}
	return counts
}
