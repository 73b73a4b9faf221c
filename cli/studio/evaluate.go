package studio

import (
	"context"
	"net/http"

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

// evaluate maps all alerts, once by each of the two versions. One alert may be work for
// seconds, so the context is asked between alerts only.
func (s *Studio) evaluate(ctx context.Context, t *trial) (*Outcomes, error) {
	out := &Outcomes{Alerts: make([]Outcome, len(s.bench.Alerts))}
	differs := func(*source.Line, *engine.Result) bool { return false }
	var disk *beside
	if len(t.edits) > 0 && t.disk.Engine != nil {
		disk = s.beside(ctx, t)
		defer disk.end()
		differs = disk.differs
	}
	number, outcomes := 0, newOutcomes(t.now.Engine)
	p := profile.New(t.now.Engine, profile.Options{Source: func(string) string { return "" }, Applied: func(line *source.Line, w *engine.Worker, r *engine.Result) {
		out.Alerts[number] = outcomes.of(w, r)
		out.Alerts[number].Changed = differs(line, r)
	}})
	defer p.Close()
	s.each(ctx, p.Renew, func(i int, line source.Line) {
		if why := unfit(&line); why != "" {
			out.Alerts[i] = Outcome{Outcome: engine.Reject.String(), Reason: why}
			differs(&line, nil)
		}
		number = i
		p.Add(line)
		out.Summary.ConversionsFailed += out.Alerts[i].Failed
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	out.Summary.of(p.Report())
	if disk != nil {
		out.Diff = disk.comparison.Report()
		out.Diff.Columns = append(out.Diff.Columns, s.bench.Columns(t.disk.Engine, t.now.Engine)...)
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

func (s *Summary) of(r *profile.Report) {
	s.Counts, s.Leaves, s.EventsByMapping, s.KeptMost = r.Counts, r.Leaves, r.EventsByMapping, r.KeptMost()
}

// outcomes tells what became of single alerts.
type outcomes struct {
	engine *engine.Engine
	failed []int64 // conversions of each mapping so far
}

func newOutcomes(e *engine.Engine) *outcomes {
	return &outcomes{e, make([]int64, len(e.Mappings))}
}

// of is what became of the alert that the worker has applied.
func (s *outcomes) of(w *engine.Worker, r *engine.Result) Outcome {
	o := Outcome{Outcome: r.Outcome.String(), Reason: r.Reason}
	if r.Outcome == engine.Event || r.Outcome == engine.Dropped || r.Where != nil {
		o.Mapping = s.engine.Mappings[r.Mapping].Name
	}
	conversions := w.Conversions()
	for _, m := range r.Events {
		var sum int64
		for _, n := range conversions[m.Mapping] {
			sum += n
		}
		o.Failed += sum - s.failed[m.Mapping]
		s.failed[m.Mapping] = sum
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
