package pipeline

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// longLines are alerts with two lines over a limit of 64 KiB: the first is an alert, the
// second torn.
func longLines() string {
	giant := `{"giant":["` + strings.Repeat("x", 90_000) + `"],` + alert(7, startMillis)[1:]
	return alert(1, startMillis) + "\n" + giant + "\n" + giant[:80_000] + "\n" + alert(2, startMillis) + "\n"
}

// An alert over the limit of a line is taken and counted; what is not JSON is a reject.
func TestAlertsOverTheLimitAreDegraded(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, longLines()); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var first map[string][]byte
	for _, workers := range []int{1, 2, 8} {
		for _, text := range []string{longLines(), packed.String()} {
			res, files := runTo(t, func(c *Config) { c.Workers, c.Read.LineLimit = workers, 64<<10 },
				source.Input{Name: "in", Size: int64(len(text)), Open: readerOf(text)})
			if res.Lines != 4 || res.Events != 3 || res.Degraded != 1 || res.Rejects != 1 {
				t.Errorf("%d workers: %+v", workers, res.Counts)
			}
			if first == nil {
				first = files
			}
			if d := differ(first, files); d != "" {
				t.Errorf("%d workers: %s", workers, d)
			}
		}
	}
}

// With Options.Strict it is a reject, which a run without it takes.
func TestRejectsOverTheLimitCanBeRunAgain(t *testing.T) {
	strict, err := engine.Compile([]engine.File{{Name: "m0.yaml", Text: []byte(mapping)}}, engine.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	text := longLines()
	in := source.Input{Name: "in", Size: int64(len(text)), Open: readerOf(text)}
	res, files := runTo(t, func(c *Config) { c.Engine, c.Read.LineLimit = strict, 64<<10 }, in)
	if res.Events != 2 || res.Rejects != 2 || res.Degraded != 0 {
		t.Fatalf("%+v", res.Counts)
	}
	direct, again := eventsOf(t, in), ""
	for name, lines := range files {
		if strings.HasPrefix(name, "rejects/") && !strings.Contains(name, lake.LedgerFolder) {
			again += eventsOf(t, source.Input{Name: name, Size: int64(len(lines)), Open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(lines)), nil
			}})
		}
	}
	if again == "" || !strings.Contains(direct, again) {
		t.Errorf("the rejects became %.200s…, which is not among %.200s…", again, direct)
	}
}

// eventsOf returns the events of an input as JSON lines.
func eventsOf(t *testing.T, in source.Input) string {
	t.Helper()
	var out bytes.Buffer
	c := setup(t, filepath.Join(t.TempDir(), "lake"), 1, []source.Input{in})
	c.Events, c.Read.LineLimit = &out, 64<<10
	if _, err := Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	closeAll(t, c)
	return out.String()
}
