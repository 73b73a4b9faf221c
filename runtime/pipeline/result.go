package pipeline

import (
	"cmp"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// Counts are the lines by outcome, and the values that are not lines. The reader counts
// Lines, the workers the others: they must agree. A line that a worker splits counts as
// its parts.
type Counts struct {
	Lines     int64 `json:"lines"`
	Events    int64 `json:"events"`
	Rejects   int64 `json:"rejects"`
	Unmatched int64 `json:"unmatched"`
	Dropped   int64 `json:"dropped"`
	Blank     int64 `json:"blank"`
	// Repaired are those events whose alert had bytes that are not UTF-8.
	Repaired int64 `json:"repaired"`
}

// Add adds the counts of another part.
func (c *Counts) Add(o Counts) {
	c.Lines += o.Lines
	c.Events += o.Events
	c.Rejects += o.Rejects
	c.Unmatched += o.Unmatched
	c.Dropped += o.Dropped
	c.Blank += o.Blank
	c.Repaired += o.Repaired
}

func (c *Counts) agree() bool {
	return c.Lines == c.Events+c.Rejects+c.Unmatched+c.Dropped+c.Blank
}

// Tally sums up a run, under the names that both front doors print. Counts and
// BytesIn are those of the inputs that were written. Objects and BytesOut are
// everything that is in the lake because of the run: Parquet objects, their number
// and bytes.
type Tally struct {
	Counts
	// ConversionsFailed counts the values that did not fit their attribute.
	// Conversions has them by attribute, and whether they were kept. They include
	// those of inputs that failed.
	ConversionsFailed int64 `json:"conversions_failed"`

	Objects  int64 `json:"objects"`
	BytesIn  int64 `json:"bytes_in"`
	BytesOut int64 `json:"bytes_out"`

	Conversions []Conversion `json:"-"`
	// Guests count what WebAssembly did to alerts, including those of inputs that
	// failed.
	Guests engine.GuestCounts `json:"-"`
}

// Conversion counts failed conversions for one attribute of one mapping.
type Conversion struct {
	Mapping, Attribute string
	Count              int64
	// Kept is true if the event keeps the original under unmapped, because its
	// mapping has that attribute.
	Kept bool
	// Example is the first in the order of the input, nil without
	// Config.Examples. It may be missing when the run was stopped.
	Example *Example
}

// Result is what a run did. It is complete even if Run returns an error.
type Result struct {
	Tally
	// Inputs are in the order in which they were given; with Merge there is one.
	Inputs []Input
	// Repeats are inputs that were not written because an earlier input has the same
	// content.
	Repeats []source.Repeat
}

// Input is what became of one input.
type Input struct {
	Name     string
	Identity string // "" if it did not become known
	Counts
	BytesIn int64 // as stored
	// Found describes the form of inputs that are not one alert a line, in one
	// sentence for each, without a full stop.
	Found   []string
	Objects []lake.Written
	// Rejects and Unmatched are the keys in the reject sink.
	Rejects, Unmatched []string
	// Done is true if everything of this input is written.
	Done bool
	// Err is why the input failed, nil if it did not fail, or if the run ended
	// before it.
	Err error
}

func (r *Result) sum(events bool) {
	for _, in := range r.Inputs {
		if in.Done || events {
			r.Counts.Add(in.Counts)
			r.BytesIn += in.BytesIn
		}
		r.Objects += int64(len(in.Objects))
		for _, o := range in.Objects {
			r.BytesOut += o.Bytes
		}
	}
}

// conversions adds up what the workers counted.
func (t *Tally) conversions(mappings []engine.Mapping, workers []*worker, found examples) {
	for i, m := range mappings {
		counts := make([]int64, len(m.Attributes))
		for _, w := range workers {
			for k, n := range w.engine.Conversions()[i] {
				counts[k] += n
			}
		}
		for k, n := range counts {
			if n > 0 {
				t.ConversionsFailed += n
				t.Conversions = append(t.Conversions, Conversion{m.Name, m.Attributes[k], n, m.KeepsOriginals, found[conversion{i, k}]})
			}
		}
	}
	for _, w := range workers {
		t.Guests.Add(w.engine.GuestCounts())
	}
	slices.SortFunc(t.Conversions, func(a, b Conversion) int {
		return cmp.Or(cmp.Compare(a.Mapping, b.Mapping), cmp.Compare(a.Attribute, b.Attribute))
	})
}
