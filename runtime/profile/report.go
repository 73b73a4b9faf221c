package profile

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Report is a profile as it is shown. The fields' names in JSON are those of the
// command line.
type Report struct {
	Counts
	EventsByMapping map[string]int64 `json:"events_by_mapping"`
	Under           []string         `json:"under,omitempty"`
	Without         []string         `json:"without,omitempty"`
	Leaves
	WrittenShare float64  `json:"written_share"` // written of all leaves, 0 to 1
	Top          []Top    `json:"top"`           // by top-level field, in the order of their names
	Sources      []Source `json:"sources"`       // the largest first
	Decoders     []Count  `json:"decoders"`      // by decoder.name
	Groups       []Count  `json:"groups"`        // by rule.groups
	Locations    []Count  `json:"locations"`     // by location
	Fields       []Field  `json:"fields"`        // in the order of their paths
}

// Top is what became of the leaves below a top-level field.
type Top struct {
	Name string `json:"name"`
	Leaves
	WrittenShare float64 `json:"written_share"`
}

// Source is what became of the alerts of one source.
type Source struct {
	Name   string `json:"name"`
	Alerts int64  `json:"alerts"`
	Taken  int64  `json:"taken"`
	Leaves
	WrittenShare float64 `json:"written_share"`
	Top          []Top   `json:"top"`
}

// Field is what is known of one path.
type Field struct {
	Path          string           `json:"path"`
	Alerts        int64            `json:"alerts"`       // that have it
	AlertsShare   float64          `json:"alerts_share"` // of all alerts, 0 to 1
	Kinds         map[string]int64 `json:"kinds"`        // values, by kind
	Distinct      int64            `json:"distinct"`
	DistinctExact bool             `json:"distinct_exact"`
	Examples      []Example        `json:"examples"` // the most frequent first
	Leaves
	WrittenShare float64 `json:"written_share"`
}

// Example is one value. Count is how often it occurred, or at least occurred if
// AtLeast is set.
type Example struct {
	Value   string `json:"value"`
	Count   int64  `json:"count"`
	AtLeast bool   `json:"at_least,omitempty"`
}

// mostExamples is how many examples of a field are reported.
const mostExamples = 5

// Report is the profile of what was added so far.
func (p *Profile) Report() *Report {
	r := &Report{Counts: p.counts, EventsByMapping: map[string]int64{}, Under: p.options.Under, Without: p.options.Without,
		Leaves: p.leaves, WrittenShare: share(&p.leaves), Top: p.listTops(p.topLeaves), Sources: []Source{},
		Decoders: p.decoders.list(), Groups: p.groups.list(), Locations: p.locations.list(), Fields: []Field{}}
	for i, n := range p.mappings {
		if m := &p.engine.Mappings[i]; m.Layout != nil {
			r.EventsByMapping[m.Name] = n
		}
	}
	for name, s := range p.sources {
		r.Sources = append(r.Sources, Source{name, s.alerts, s.taken, s.leaves, share(&s.leaves), p.listTops(s.tops)})
	}
	slices.SortFunc(r.Sources, func(a, b Source) int { return cmp.Or(cmp.Compare(b.Alerts, a.Alerts), strings.Compare(a.Name, b.Name)) })
	p.root.each(func(n *node) {
		if n.field != nil {
			r.Fields = append(r.Fields, p.report(n))
		}
	})
	slices.SortFunc(r.Fields, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	return r
}

func (p *Profile) listTops(leaves []Leaves) []Top {
	all := []Top{}
	for i := range leaves {
		if leaves[i].Leaves > 0 {
			all = append(all, Top{p.tops[i], leaves[i], share(&leaves[i])})
		}
	}
	slices.SortFunc(all, func(a, b Top) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (p *Profile) report(n *node) Field {
	f := n.field
	out := Field{Path: n.path, Alerts: min(f.alerts, p.number), Kinds: map[string]int64{}, Examples: []Example{}, Leaves: f.leaves, WrittenShare: share(&f.leaves)}
	out.AlertsShare = rounded(float64(out.Alerts) / float64(max(p.number, 1)))
	for kind, count := range f.kinds {
		if count > 0 {
			out.Kinds[kindNames[kind]] = count
		}
	}
	out.Distinct, out.DistinctExact = f.distinct.count()
	f.frequent.sort()
	for _, e := range f.frequent.entries[:min(len(f.frequent.entries), mostExamples)] {
		out.Examples = append(out.Examples, Example{e.text, e.count - e.over, e.over > 0})
	}
	return out
}

// KeptMost are the fields with the most leaves that are kept under unmapped, at most 100:
// those that a rule would help most.
func (r *Report) KeptMost() []Count {
	kept := []Count{}
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Kept > 0 {
			kept = append(kept, Count{Name: f.Path, Count: f.Kept})
		}
	}
	slices.SortStableFunc(kept, func(a, b Count) int { return cmp.Compare(b.Count, a.Count) })
	return kept[:min(len(kept), 100)]
}

func share(l *Leaves) float64 { return rounded(l.Share(l.Written)) }

// rounded has four digits after the point. It rounds down, because a share just below
// 1 must not pass for all.
func rounded(share float64) float64 { return math.Floor(share*1e4+1e-9) / 1e4 }
