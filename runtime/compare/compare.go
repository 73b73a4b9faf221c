// Package compare runs two sets of mappings over the same alerts and sums up what
// differs: attribute by attribute, and in what becomes of the alerts.
//
//	lines ──Add──► old and new engine ──► events, leaf by leaf ──Report──► for people and machines
//
// Memory is bounded, whatever the alerts are: beyond 5000 attributes the differences
// of all others are counted together.
package compare

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/source"
)

// mostAttributes bounds how many are counted one by one; others are counted together.
const (
	mostAttributes = 5000
	others         = "(others)"
)

// Comparison is a comparison in the making. It belongs to one goroutine.
type Comparison struct {
	old, new   side
	examples   int
	counts     Counts
	moves      map[[2]engine.Outcome]*Move
	attributes map[string]*Attribute
	lines      [2]leaves // of the two events at hand
}

// side is one of the two sets of mappings.
type side struct {
	engine *engine.Engine
	worker *engine.Worker // nil until Add needs it
}

func (s *side) own() *engine.Worker {
	if s.worker == nil {
		s.worker = s.engine.NewWorker()
	}
	return s.worker
}

// Counts are those of lines. Lines is the sum of the others.
type Counts struct {
	Lines   int64 `json:"lines"`
	Same    int64 `json:"same"`    // the same becomes of them
	Changed int64 `json:"changed"` // their events differ
	Moved   int64 `json:"moved"`   // something else becomes of them
	Blank   int64 `json:"blank"`
}

// New begins a comparison that keeps that many examples of each difference. Close ends
// it.
func New(old, new *engine.Engine, examples int) *Comparison {
	return &Comparison{old: side{engine: old}, new: side{engine: new}, examples: examples,
		moves: map[[2]engine.Outcome]*Move{}, attributes: map[string]*Attribute{}}
}

// Close releases the guests.
func (c *Comparison) Close() {
	for _, s := range [...]*side{&c.old, &c.new} {
		if s.worker != nil {
			s.worker.Close()
		}
	}
}

// Renew resets the state of guests, as a run does before each chunk.
func (c *Comparison) Renew() {
	c.old.own().Renew()
	c.new.own().Renew()
}

// Add compares what becomes of one line of an input, and reports whether the same does.
func (c *Comparison) Add(line source.Line) (same bool) {
	switch {
	case line.Bad != nil, line.Torn != "":
		c.counts.Lines++
		c.counts.Same++ // no mapping ever sees it
		return true
	case line.Blank:
		c.counts.Lines++
		c.counts.Blank++
		return true
	}
	old, new := c.old.own().Apply(line.Text), c.new.own().Apply(line.Text)
	if old.Outcome == engine.Reject && new.Outcome == engine.Reject {
		if parts := line.Split(); parts != nil {
			same = true
			for _, part := range parts {
				same = c.Add(part) && same
			}
			return same
		}
	}
	return c.Results(&line, &old, &new)
}

// Results is Add for a line that workers of the two engines have applied.
func (c *Comparison) Results(line *source.Line, old, new *engine.Result) (same bool) {
	c.counts.Lines++
	switch {
	case old.Outcome != new.Outcome:
		c.counts.Moved++
		c.move(line, old, new)
	case c.events(line, old.Events, new.Events):
		c.counts.Changed++
	default:
		c.counts.Same++
		return true
	}
	return false
}

// move counts an alert of which something else becomes.
func (c *Comparison) move(line *source.Line, old, new *engine.Result) {
	key := [2]engine.Outcome{old.Outcome, new.Outcome}
	m := c.moves[key]
	if m == nil {
		m = &Move{Old: old.Outcome.String(), New: new.Outcome.String(), Examples: []Example{}}
		c.moves[key] = m
	}
	m.Count++
	if len(m.Examples) < c.examples {
		m.Examples = append(m.Examples, Example{line.Origin, line.OriginLine, c.old.what(old), c.new.what(new)})
	}
}

// what says what became of an alert: the reason of a reject, or the mappings.
func (s *side) what(r *engine.Result) string {
	switch r.Outcome {
	case engine.Reject:
		return cut(r.Reason)
	case engine.Dropped:
		return s.engine.Mappings[r.Mapping].Name
	}
	var names []string
	for _, m := range r.Events {
		names = append(names, s.engine.Mappings[m.Mapping].Name)
	}
	return strings.Join(names, ", ")
}

// attribute is what is counted of an attribute.
func (c *Comparison) attribute(path string) *Attribute {
	a := c.attributes[path]
	if a == nil && len(c.attributes) >= mostAttributes {
		path = others
		a = c.attributes[path]
	}
	if a == nil {
		a = &Attribute{Path: path, Examples: []Example{}}
		c.attributes[path] = a
	}
	return a
}

// Report is what was found so far. Columns are left to the caller.
func (c *Comparison) Report() *Report {
	r := &Report{Counts: c.counts, Moves: []Move{}, Attributes: []Attribute{}, Columns: []Column{}}
	for _, m := range c.moves {
		r.Moves = append(r.Moves, *m)
	}
	slices.SortFunc(r.Moves, func(a, b Move) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Old, b.Old), strings.Compare(a.New, b.New))
	})
	for _, path := range slices.Sorted(maps.Keys(c.attributes)) {
		r.Attributes = append(r.Attributes, *c.attributes[path])
	}
	return r
}
