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
	Taken     int64 `json:"taken"`
	Rejects   int64 `json:"rejects"`
	Unmatched int64 `json:"unmatched"`
	Dropped   int64 `json:"dropped"`
	Blank     int64 `json:"blank"`
	Events    int64 `json:"events"` // an alert that is taken may give several
	// Repaired are those taken alerts that had bytes that are not UTF-8.
	Repaired int64 `json:"repaired"`
	// Degraded are those taken alerts that are beyond a limit: a list or object of them is
	// kept as text, or left out of the event.
	Degraded int64 `json:"degraded"`
}

// Add adds the counts of another part.
func (c *Counts) Add(o Counts) {
	c.Lines += o.Lines
	c.Taken += o.Taken
	c.Events += o.Events
	c.Rejects += o.Rejects
	c.Unmatched += o.Unmatched
	c.Dropped += o.Dropped
	c.Blank += o.Blank
	c.Repaired += o.Repaired
	c.Degraded += o.Degraded
}

// accounted is how many lines there must be, since each has one outcome.
func (c *Counts) accounted() int64 {
	return c.Taken + c.Rejects + c.Unmatched + c.Dropped + c.Blank
}

func (c *Counts) agree() bool { return c.Lines == c.accounted() && c.Events >= c.Taken }

// Tally sums up a run, under the names that both front doors print. Counts and
// BytesIn are those of the inputs that were written. Objects and BytesOut are
// everything that is in the lake because of the run: Parquet objects, their number
// and bytes.
type Tally struct {
	Counts
	// EventsByMapping has an entry for each mapping that makes events, with those of
	// the inputs that were written.
	EventsByMapping map[string]int64 `json:"events_by_mapping"`
	// ConversionsFailed counts the values that did not fit their attribute.
	// Conversions has them by attribute, and whether they were kept. They include
	// those of inputs that failed.
	ConversionsFailed int64 `json:"conversions_failed"`

	Objects  int64 `json:"objects"`
	BytesIn  int64 `json:"bytes_in"`
	BytesOut int64 `json:"bytes_out"`
	// Removed counts objects of earlier runs over the same inputs that this run
	// replaced by others or by nothing. Stale are the keys of those that it may not remove,
	// and which have no rows now.
	Removed int64    `json:"removed"`
	Stale   []string `json:"stale,omitempty"`

	Conversions []Conversion `json:"-"`
	// Guests count what WebAssembly did to alerts, including those of inputs that
	// failed.
	Guests engine.GuestCounts `json:"-"`
}

// AddEvents adds the events by mapping of another part.
func (t *Tally) AddEvents(byMapping map[string]int64) {
	if t.EventsByMapping == nil {
		t.EventsByMapping = map[string]int64{}
	}
	for name, n := range byMapping {
		t.EventsByMapping[name] += n
	}
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
	// Inputs are in the order in which they were given; with Merge there is one. It is empty
	// with Config.Ended.
	Inputs []Input
	// Repeats are inputs that were not written because an earlier input has the same
	// content: the first of them. Repeated counts all.
	Repeats  []source.Repeat
	Repeated int
}

// mostRepeats bounds Result.Repeats.
const mostRepeats = 1000

func (r *Result) repeated(repeat source.Repeat) {
	if r.Repeated++; r.Repeated <= mostRepeats {
		r.Repeats = append(r.Repeats, repeat)
	}
}

// Input is what became of one input.
type Input struct {
	Name     string
	Identity string // "" if it did not become known
	Counts
	EventsOf []int64 // by index into Engine.Mappings
	BytesIn  int64   // as stored
	// Found describes the form of inputs that are not one alert a line, in one
	// sentence for each, without a full stop.
	Found   []string
	Objects []lake.Written
	// Rejects and Unmatched are the keys in the reject sink.
	Rejects, Unmatched []string
	// Replaced are objects of earlier runs over this content.
	Replaced lake.Replacement
	// Done is true if everything of this input is written.
	Done bool
	// Err is why the input failed, nil if it did not fail, or if the run ended
	// before it.
	Err error
}

// add sums up what became of an input. Its events by mapping go to made.
func (r *Result) add(in *Input, events bool, made []int64) {
	if in.Done || events {
		r.Counts.Add(in.Counts)
		addCounts(made, in.EventsOf)
		r.BytesIn += in.BytesIn
	}
	r.Objects += int64(len(in.Objects))
	r.Removed += int64(len(in.Replaced.Removed))
	r.Stale = append(r.Stale, in.Replaced.Stale...)
	for _, o := range in.Objects {
		r.BytesOut += o.Bytes
	}
}

// name gives the events by mapping the names of the mappings.
func (r *Result) name(made []int64, mappings []engine.Mapping) {
	r.EventsByMapping = map[string]int64{}
	for i, m := range mappings {
		if m.Layout != nil {
			r.EventsByMapping[m.Name] = made[i]
		}
	}
}

// addCounts adds counts by mapping; nil adds none.
func addCounts(to, more []int64) {
	for i, n := range more {
		to[i] += n
	}
}

// conversions adds up what the mappers counted.
func (t *Tally) conversions(mappings []engine.Mapping, mappers []*mapper, found examples) {
	for i, m := range mappings {
		counts := make([]int64, len(m.Attributes))
		for _, w := range mappers {
			for k, n := range w.engine.Conversions()[i] {
				counts[k] += n
			}
		}
		for k, n := range counts {
			if n > 0 {
				t.ConversionsFailed += n
				t.Conversions = append(t.Conversions, Conversion{m.Name, m.Attributes[k], n, m.KeepsOriginals, found[conversion{i, k}].Example})
			}
		}
	}
	for _, w := range mappers {
		t.Guests.Add(w.engine.GuestCounts())
	}
	slices.SortFunc(t.Conversions, func(a, b Conversion) int {
		return cmp.Or(cmp.Compare(a.Mapping, b.Mapping), cmp.Compare(a.Attribute, b.Attribute))
	})
}
