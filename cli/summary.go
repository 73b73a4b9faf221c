package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// summaryJSON is the summary as --json prints it. Names are part of the
// command line's contract.
type summaryJSON struct {
	pipeline.Tally
	Mappings    map[string]mappingJSON `json:"mappings"` // by name
	Seconds     float64                `json:"seconds"`
	Out         string                 `json:"out"`
	OCSFJSON    string                 `json:"ocsf_json,omitempty"`
	RejectsIn   string                 `json:"rejects_in"`
	Foreign     int                    `json:"foreign"`         // files that folders brought along and that hold no JSON
	Found       []string               `json:"found,omitempty"` // inputs that are not one alert a line
	Conversions map[string]int64       `json:"conversions,omitempty"`
	Examples    map[string]exampleJSON `json:"examples,omitempty"`
	Guests      *engine.GuestCounts    `json:"guests,omitempty"`
	Logged      map[string]*guestLog   `json:"logged,omitempty"` // by module
}

// mappingJSON says what a mapping was: those with one digest map alike, where their
// WebAssembly modules are the same.
type mappingJSON struct {
	Digest   string            `json:"digest"`
	Settings map[string]string `json:"settings,omitempty"`
}

type exampleJSON struct {
	Origin string `json:"origin"`
	Line   int64  `json:"line"`
	Reason string `json:"reason"`
}

func (a *app) summary(f *runFlags, e *engine.Engine, r *pipeline.Result, inputs *inputReport) {
	if f.json {
		a.jsonSummary(f, e, r, inputs)
		return
	}
	for _, found := range inputs.found.first {
		printf(a.Err, "%s\n", found)
	}
	if more := inputs.found.more(); more > 0 {
		printf(a.Err, "neither one alert on each line: %s\n", plural(more, "further input"))
	}
	a.lines(r)
	if f.Out != "-" {
		printf(a.Err, "%s in, %s with %s out in %s\n", size(r.BytesIn), plural(int(r.Objects), "object"),
			size(r.BytesOut), a.elapsed().Round(time.Millisecond))
		if r.Objects > 0 {
			printf(a.Err, "%s\n", whereWritten(f))
		}
	}
	a.replaced(f, r)
	if g := r.Guests; g != (engine.GuestCounts{}) {
		printf(a.Err, "WebAssembly: %d changed, %d dropped, %d refused, %d failed, %d failures skipped\n",
			g.Changed, g.Dropped, g.Refused, g.Failed, g.Skipped)
	}
	a.guestsLogged()
	if r.Events > 0 {
		a.conversions(r.Conversions)
	}
	a.keptLines(f, r, inputs)
}

// lines says what became of the lines.
func (a *app) lines(r *pipeline.Result) {
	events := plural(int(r.Events), "event")
	if r.Events != r.Taken {
		events += " of " + plural(int(r.Taken), "alert")
	}
	printf(a.Err, "%s: %s, %s, %d unmatched, %d dropped, %d blank\n", plural(int(r.Lines), "line"),
		events, plural(int(r.Rejects), "reject"), r.Unmatched, r.Dropped, r.Blank)
	if len(r.EventsByMapping) > 1 {
		for _, m := range byMapping(r.EventsByMapping) {
			printf(a.Err, "  %8d  %s\n", m.events, m.mapping)
		}
	}
	if r.Degraded > 0 {
		printf(a.Err, "%s beyond a limit (docs/limits.md): what of them is too large or too much work is kept as text or left out\n", plural(int(r.Degraded), "alert"))
	}
	if r.Repaired > 0 {
		printf(a.Err, "%s had bytes that are not UTF-8: U+FFFD replaces them, and `$rest` keeps the line in _line_base64\n", plural(int(r.Repaired), "alert"))
	}
}

// madeBy is how many events one mapping made, or each of several.
type madeBy struct {
	events  int64
	mapping string // its name, or how many they are
}

// byMapping lists how many events mappings made, by name. A set may have dozens that made
// none: then these come together, at the end.
func byMapping(events map[string]int64) (made []madeBy) {
	const few = 3
	idle := 0
	for _, n := range events {
		if n == 0 {
			idle++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(events)) {
		if events[name] > 0 || idle <= few {
			made = append(made, madeBy{events[name], name})
		}
	}
	switch {
	case idle > few && len(made) > 0:
		made = append(made, madeBy{0, plural(idle, "further mapping")})
	case idle > few:
		made = append(made, madeBy{0, plural(idle, "mapping")})
	}
	return made
}

// replaced says what is gone of earlier runs over the same contents.
func (a *app) replaced(f *runFlags, r *pipeline.Result) {
	if r.Removed > 0 {
		printf(a.Err, "removed %s that earlier runs made of the same content\n", plural(int(r.Removed), "object"))
	}
	if len(r.Stale) > 0 {
		printf(a.Err, "%s of earlier runs could not be deleted and have no rows now:\n", plural(len(r.Stale), "object"))
	}
	for _, key := range r.Stale {
		printf(a.Err, "  %s\n", below(f.Out, key))
	}
}

// keptLines names the files of the lines that did not become events.
func (a *app) keptLines(f *runFlags, r *pipeline.Result, inputs *inputReport) {
	for _, line := range inputs.kept.first {
		printf(a.Err, "%s", line)
	}
	if more := inputs.kept.more(); more > 0 {
		printf(a.Err, "%s of rejects and unmatched alerts: `sluice rejects list %s` counts them\n", plural(more, "further file"), f.Rejects)
	}
	if r.Rejects > 0 && r.Rejects == r.Lines-r.Blank {
		printf(a.Err, "no line became an event: `sluice rejects list %s` says why\n", f.Rejects)
		for _, name := range inputs.logs.first {
			printf(a.Err, "%s: a manager writes what is in its .log files to .json files too, such as alerts.json: run these\n", name)
		}
	}
}

// whereWritten names the places of the lake and of its copy.
func whereWritten(f *runFlags) string {
	s := "written to " + below(f.Out, "ext")
	if f.OCSFJSON != "" {
		s += ", as JSON lines to " + below(f.OCSFJSON, "ext")
	}
	return s
}

// below is the place of a key in a folder or bucket.
func below(place, key string) string { return strings.TrimRight(place, "/") + "/" + key }

// conversions shows what did not fit: first what is kept under unmapped, then what
// is lost, each attribute with an example.
func (a *app) conversions(all []pipeline.Conversion) {
	for _, kept := range []bool{true, false} {
		values := int64(0)
		var lines strings.Builder
		for _, c := range all {
			if c.Kept != kept {
				continue
			}
			values += c.Count
			printf(&lines, "  %8d  %s  (%s)\n", c.Count, c.Attribute, c.Mapping)
			if e := c.Example; e != nil {
				printf(&lines, "            %s:%d: %s\n", e.Origin, e.Line, shortened(e.Reason, widestValue))
			}
		}
		switch {
		case values == 0:
		case kept:
			printf(a.Err, "%s did not fit; the originals are under unmapped:\n%s", plural(int(values), "value"), clean(lines.String()))
		default:
			printf(a.Err, "%s left out that did not fit, as the mapping has no `unmapped`; add `unmapped: {$rest: true}` to keep such values:\n%s",
				plural(int(values), "value"), clean(lines.String()))
		}
	}
}

func (a *app) jsonSummary(f *runFlags, e *engine.Engine, r *pipeline.Result, inputs *inputReport) {
	s := summaryJSON{Tally: r.Tally, Mappings: mappingsJSON(e), Foreign: len(f.foreign), Seconds: a.elapsed().Seconds(), Out: f.Out, OCSFJSON: f.OCSFJSON, RejectsIn: f.Rejects}
	if r.Guests != (engine.GuestCounts{}) {
		s.Guests = &r.Guests
	}
	s.Logged = a.logged.take()
	for _, c := range r.Conversions {
		if s.Conversions == nil {
			s.Conversions, s.Examples = map[string]int64{}, map[string]exampleJSON{}
		}
		s.Conversions[c.Attribute] += c.Count
		if _, ok := s.Examples[c.Attribute]; !ok && c.Example != nil {
			s.Examples[c.Attribute] = exampleJSON(*c.Example)
		}
	}
	s.Found = inputs.found.first
	w := a.data()
	if f.Out == "-" {
		w = a.Err // stdout has the events
	}
	_ = json.NewEncoder(w).Encode(s) // what fails to be written is reported at the end
}

func mappingsJSON(e *engine.Engine) map[string]mappingJSON {
	all := map[string]mappingJSON{}
	for _, m := range e.Mappings {
		j := mappingJSON{Digest: m.Digest}
		for _, s := range m.Settings {
			if j.Settings == nil {
				j.Settings = map[string]string{}
			}
			j.Settings[s.Name] = s.Value
		}
		all[m.Name] = j
	}
	return all
}

// size writes bytes for people.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
}
