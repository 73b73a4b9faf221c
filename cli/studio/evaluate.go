package studio

import (
	"context"
	"net/http"
	"sync"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/profile"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Outcomes are what becomes of all alerts under one version of the mappings.
type Outcomes struct {
	Alerts  []Outcome       `json:"alerts"` // in the order of the alerts
	Summary Summary         `json:"summary"`
	Diff    *compare.Report `json:"diff,omitempty"` // from the version on the disk, absent where that has faults or is this one
}

// Outcome is what becomes of one alert.
type Outcome struct {
	Outcome string `json:"outcome"` // event, reject, unmatched or dropped
	Mapping string `json:"mapping,omitempty"`
	Reason  string `json:"reason,omitempty"`  // of a reject
	Failed  int64  `json:"failed,omitempty"`  // conversions
	Changed bool   `json:"changed,omitempty"` // from the version on the disk
}

// Summary sums up what becomes of the alerts, as run and profile do.
type Summary struct {
	profile.Counts
	EventsByMapping   map[string]int64 `json:"events_by_mapping"`
	ConversionsFailed int64            `json:"conversions_failed"`
	Leaves            profile.Leaves   `json:"leaves"`
	KeptMost          []profile.Count  `json:"kept_most"`
}

// partBytes is how many bytes of alerts share the budgets of steps, as in a run.
const partBytes = 1 << 20

type trialRequest struct {
	Trial int `json:"trial"`
}

// all maps all alerts by the version of a trial, which is the last that compiled.
func (s *Studio) all(ctx context.Context, q trialRequest) (*Outcomes, error) {
	end, t, err := s.beginTrial(ctx, q)
	if err != nil {
		return nil, err
	}
	defer end()
	return s.evaluate(ctx, t)
}

// tests runs the tests with the edits of a trial, which is the last that compiled.
func (s *Studio) tests(ctx context.Context, q trialRequest) (*Tested, error) {
	end, t, err := s.beginTrial(ctx, q)
	if err != nil {
		return nil, err
	}
	defer end()
	tested := s.bench.Test(ctx, t.edits)
	return &tested, ctx.Err()
}

// beginTrial is begin for work on the last trial.
func (s *Studio) beginTrial(ctx context.Context, q trialRequest) (end func(), t *trial, err error) {
	if end, err = s.begin(ctx); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	t = s.last
	s.mu.Unlock()
	if t == nil || t.number != q.Trial {
		end()
		return nil, nil, refusal(http.StatusConflict, "there is another edit by now")
	}
	return end, t, nil
}

// evaluate maps all alerts: one goroutine sums up, another compares. One alert may be work
// for seconds, so the context is asked between alerts only.
func (s *Studio) evaluate(ctx context.Context, t *trial) (*Outcomes, error) {
	out := &Outcomes{}
	var changed []bool
	var group sync.WaitGroup
	var failed any
	if len(t.edits) > 0 && t.disk.Engine != nil {
		changed = make([]bool, len(s.bench.Alerts))
		group.Go(func() {
			defer func() { failed = recover() }() // a panic is for who asked
			out.Diff = s.compared(ctx, t, changed)
		})
	}
	s.sum(ctx, t.now.Engine, out)
	group.Wait()
	if failed != nil {
		panic(failed)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, c := range changed {
		out.Alerts[i].Changed = c
	}
	return out, nil
}

// each gives all alerts until the context ends. Renew is called where a part of them begins
// that shares budgets.
func (s *Studio) each(ctx context.Context, renew func(), each func(int, source.Line)) {
	part := partBytes
	for i := range s.bench.Alerts {
		line := s.bench.Alerts[i].Line
		if ctx.Err() != nil {
			return
		}
		if part += len(line.Text); part > partBytes {
			part = len(line.Text)
			renew()
		}
		each(i, line)
	}
}

// sum adds what becomes of each alert, and of all.
func (s *Studio) sum(ctx context.Context, e *engine.Engine, out *Outcomes) {
	out.Alerts = make([]Outcome, len(s.bench.Alerts))
	w := newOutcomeWorker(e)
	defer w.worker.Close()
	p := profile.New(e, profile.Options{Source: func(string) string { return "" }})
	defer p.Close()
	s.each(ctx, func() { w.worker.Renew(); p.Renew() }, func(i int, line source.Line) {
		out.Alerts[i] = w.outcome(&line)
		out.Summary.ConversionsFailed += out.Alerts[i].Failed
		p.Add(line)
	})
	out.Summary.of(p.Report())
}

// compared compares a trial with the disk, and notes which alerts differ.
func (s *Studio) compared(ctx context.Context, t *trial, changed []bool) *compare.Report {
	c := compare.New(t.disk.Engine, t.now.Engine, 3)
	defer c.Close()
	s.each(ctx, c.Renew, func(i int, line source.Line) { changed[i] = !c.Add(line) })
	r := c.Report()
	r.Columns = append(r.Columns, s.bench.Columns(t.disk.Engine, t.now.Engine)...)
	return r
}

func (s *Summary) of(r *profile.Report) {
	s.Counts, s.Leaves, s.EventsByMapping, s.KeptMost = r.Counts, r.Leaves, r.EventsByMapping, r.KeptMost()
}

// outcomeWorker tells what becomes of single alerts. It belongs to one goroutine.
type outcomeWorker struct {
	engine *engine.Engine
	worker *engine.Worker
	failed []int64 // conversions of each mapping so far
}

func newOutcomeWorker(e *engine.Engine) *outcomeWorker {
	return &outcomeWorker{e, e.NewWorker(), make([]int64, len(e.Mappings))}
}

func (w *outcomeWorker) outcome(line *source.Line) Outcome {
	if why := unfit(line); why != "" {
		return Outcome{Outcome: engine.Reject.String(), Reason: why}
	}
	r := w.worker.Apply(line.Text)
	o := Outcome{Outcome: r.Outcome.String(), Reason: r.Reason}
	if r.Outcome == engine.Event || r.Outcome == engine.Dropped || r.Where != nil {
		o.Mapping = w.engine.Mappings[r.Mapping].Name
	}
	conversions := w.worker.Conversions()
	for _, m := range r.Events {
		var sum int64
		for _, n := range conversions[m.Mapping] {
			sum += n
		}
		o.Failed += sum - w.failed[m.Mapping]
		w.failed[m.Mapping] = sum
	}
	return o
}

// unfit says why a line can be no alert, "" if it may be one.
func unfit(line *source.Line) string {
	if line.Bad != nil {
		return line.Bad.Reason
	}
	return line.Torn
}
