// Package profile sums up alerts: which fields they have, what is in them, and what
// a set of mappings makes of each leaf. What became of a leaf is what the engine
// says (engine.Worker.Leaves); nothing is looked for in events.
//
//	lines ──Add──► tree of paths, sources, counts ──Report──► for people and machines
//
// Memory is bounded, whatever the alerts are: objects with very many names count as
// maps, whose names fold to `*`; distinct values are estimated beyond 256; examples
// are the most frequent of 16 that are watched. Nothing depends on chance, so the
// same alerts in the same order give the same report.
package profile

import (
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Options say what to profile.
type Options struct {
	// Under are the paths at and below which leaves count, all if there are none;
	// Without are paths that do not count. Lists in them are `[]`.
	Under, Without []string
	// Source names the source of an alert, given as a line; "" if it has none.
	Source func(line string) string
	// Applied, if set, gets what became of each alert, with the worker that applied it,
	// before the profile looks at its leaves. It must not keep the Result.
	Applied func(line *source.Line, w *engine.Worker, r *engine.Result)
}

// Bounds of the sources and top-level fields that are counted one by one.
const (
	mostSources = 200
	mostTops    = 100
)

// The names of what is beyond a bound, and of what has no name.
const (
	others  = "(others)"
	nothing = "(none)"
)

// Profile is a profile in the making. It belongs to one goroutine.
type Profile struct {
	options  Options
	engine   *engine.Engine
	worker   *engine.Worker
	counts   Counts
	mappings []int64 // events, by mapping

	root                        *node
	paths                       int
	tops                        []string
	topOf                       map[string]int
	topLeaves                   []Leaves
	sources                     map[string]*sourceCounts
	groups, decoders, locations tally
	leaves                      Leaves

	number  int64 // of the alert
	scratch []byte
}

// sourceCounts are what is counted of one source.
type sourceCounts struct {
	alerts, taken int64
	leaves        Leaves
	tops          []Leaves // by index into Profile.tops
}

// Counts are those of lines. Lines is the sum of the others but Events.
type Counts struct {
	Lines     int64 `json:"lines"`
	Taken     int64 `json:"taken"`
	Rejects   int64 `json:"rejects"`
	Unmatched int64 `json:"unmatched"`
	Dropped   int64 `json:"dropped"`
	Blank     int64 `json:"blank"`
	Events    int64 `json:"events"`
}

// New begins a profile of what an engine makes of alerts. The engine was compiled with
// Options.Follow. Close ends it.
func New(e *engine.Engine, o Options) *Profile {
	return &Profile{options: o, engine: e, worker: e.NewWorker(), mappings: make([]int64, len(e.Mappings)), root: &node{inside: false},
		topOf: map[string]int{}, sources: map[string]*sourceCounts{}, scratch: make([]byte, 0, 8)}
}

// Close releases the guests.
func (p *Profile) Close() { p.worker.Close() }

// Renew resets the state of guests, as a run does before each chunk.
func (p *Profile) Renew() { p.worker.Renew() }

// Add counts one line of an input.
func (p *Profile) Add(line source.Line) {
	switch {
	case line.Bad != nil, line.Torn != "":
		p.counts.Lines++
		p.counts.Rejects++
		return
	case line.Blank:
		p.counts.Lines++
		p.counts.Blank++
		return
	}
	r := p.worker.Apply(line.Text)
	if r.Outcome == engine.Reject {
		if parts := line.Split(); parts != nil {
			for _, part := range parts {
				p.Add(part)
			}
			return
		}
	}
	if p.options.Applied != nil {
		p.options.Applied(&line, p.worker, &r)
	}
	p.counts.Lines++
	p.number++
	p.alert(line.Text, &r)
}

// alert counts an alert and its leaves.
func (p *Profile) alert(line string, r *engine.Result) {
	s := p.source(line)
	s.alerts++
	switch r.Outcome {
	case engine.Event:
		p.counts.Taken++
		p.counts.Events += int64(len(r.Events))
		for _, m := range r.Events {
			p.mappings[m.Mapping]++
		}
		s.taken++
		p.worker.Leaves(r, func(v *alert.Visit, f engine.Fate) { p.leaf(v, f, s) })
		return
	case engine.Unmatched:
		p.counts.Unmatched++
	case engine.Dropped:
		p.counts.Dropped++
	default:
		p.counts.Rejects++
	}
	p.worker.EachLeaf(line, func(v *alert.Visit) { p.leaf(v, engine.Empty, s) })
}

// leaf counts one leaf. One that has no fate, as in an alert that was not taken, is
// Empty.
func (p *Profile) leaf(v *alert.Visit, f engine.Fate, s *sourceCounts) {
	n := p.at(v.Steps)
	if n.tally != nil && v.Value.Text != "" && v.Value.Kind <= alert.Text {
		n.tally.add(v.Value.Text)
	}
	if !n.inside {
		return
	}
	at := n.fieldOf()
	at.add(&v.Value, p.number, p.scratch)
	if f == engine.Empty {
		return
	}
	for len(s.tops) <= n.top {
		s.tops = append(s.tops, Leaves{})
	}
	for _, l := range [...]*Leaves{&at.leaves, &p.leaves, &p.topLeaves[n.top], &s.leaves, &s.tops[n.top]} {
		l.add(f)
	}
}

// source is what is counted of the source of an alert.
func (p *Profile) source(line string) *sourceCounts {
	name := example(p.options.Source(line))
	if name == "" {
		name = nothing
	}
	s := p.sources[name]
	if s == nil && len(p.sources) >= mostSources {
		name = others
		s = p.sources[name]
	}
	if s == nil {
		s = &sourceCounts{}
		p.sources[name] = s
	}
	return s
}

// newTop is the index of a top-level field.
func (p *Profile) newTop(name string) int {
	at, known := p.topOf[name]
	if known {
		return at
	}
	if len(p.tops) >= mostTops {
		name = others
		if at, known = p.topOf[name]; known {
			return at
		}
	}
	at = len(p.tops)
	p.topOf[name] = at
	p.tops, p.topLeaves = append(p.tops, name), append(p.topLeaves, Leaves{})
	return at
}
