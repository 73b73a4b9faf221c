package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// summaryJSON is the summary as --json prints it. Names are part of the
// command line's contract.
type summaryJSON struct {
	pipeline.Tally
	Seconds     float64             `json:"seconds"`
	Found       []string            `json:"found,omitempty"` // inputs that are not one alert a line
	Conversions map[string]int64    `json:"conversions,omitempty"`
	Guests      *engine.GuestCounts `json:"guests,omitempty"`
}

func (a *app) summary(f *runFlags, r *pipeline.Result) {
	if f.json {
		a.jsonSummary(f, r)
		return
	}
	for _, in := range r.Inputs {
		for _, found := range in.Found {
			fmt.Fprintln(a.Err, found)
		}
	}
	fmt.Fprintf(a.Err, "%s: %s, %s, %d unmatched, %d dropped, %d blank\n", plural(int(r.Lines), "line"),
		plural(int(r.Events), "event"), plural(int(r.Rejects), "reject"), r.Unmatched, r.Dropped, r.Blank)
	if f.Out != "-" {
		fmt.Fprintf(a.Err, "%s in, %s with %s out in %s\n", size(r.BytesIn), plural(int(r.Objects), "object"),
			size(r.BytesOut), a.elapsed().Round(time.Millisecond))
	}
	if g := r.Guests; g != (engine.GuestCounts{}) {
		fmt.Fprintf(a.Err, "WebAssembly: %d changed, %d dropped, %d refused, %d failures skipped\n", g.Changed, g.Dropped, g.Refused, g.Skipped)
	}
	if r.ConversionsFailed > 0 && r.Events > 0 {
		fmt.Fprintf(a.Err, "%s did not fit, the originals are under unmapped:\n", plural(int(r.ConversionsFailed), "value"))
		for _, c := range r.Conversions {
			fmt.Fprintf(a.Err, "  %8d  %s  (%s)\n", c.Count, c.Attribute, c.Mapping)
		}
	}
	for _, in := range r.Inputs {
		for _, key := range in.Rejects {
			fmt.Fprintf(a.Err, "rejects of %s: %s/%s\n", in.Name, f.Rejects, key)
		}
		for _, key := range in.Unmatched {
			fmt.Fprintf(a.Err, "unmatched of %s: %s/%s\n", in.Name, f.Rejects, key)
		}
	}
}

func (a *app) jsonSummary(f *runFlags, r *pipeline.Result) {
	s := summaryJSON{Tally: r.Tally, Seconds: a.elapsed().Seconds()}
	if r.Guests != (engine.GuestCounts{}) {
		s.Guests = &r.Guests
	}
	for _, c := range r.Conversions {
		if s.Conversions == nil {
			s.Conversions = map[string]int64{}
		}
		s.Conversions[c.Attribute] += c.Count
	}
	for _, in := range r.Inputs {
		s.Found = append(s.Found, in.Found...)
	}
	w := a.Out
	if f.Out == "-" {
		w = a.Err // stdout is the events'
	}
	if err := json.NewEncoder(w).Encode(s); err != nil {
		fmt.Fprintf(a.Err, "the summary could not be written: %v\n", err)
	}
}

// size gives bytes as people read them.
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

// progress prints one line, renewed while the run goes on, if a person is
// watching. The returned func ends it and wipes the line.
func (a *app) progress(f *runFlags, c *pipeline.Config) func() {
	if _, moves := settings.Terminal(a.getenv); f.quiet || !moves || !isTerminal(a.Err) {
		return func() {}
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				fmt.Fprint(a.Err, "\r\x1b[K")
				return
			case <-tick.C:
				a.progressLine(c.Progress)
			}
		}
	}()
	return func() {
		close(stop)
		<-done
	}
}

func (a *app) progressLine(p *pipeline.Progress) {
	lines := p.Lines.Load()
	fmt.Fprintf(a.Err, "\r\x1b[K%s read, %d lines, %d events, %d rejects, %.0f lines/s", size(p.BytesIn.Load()),
		lines, p.Events.Load(), p.Rejects.Load(), float64(lines)/a.elapsed().Seconds())
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
