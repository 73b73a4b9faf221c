//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 5}, 5}, {[]float64{8, 2, 4, 6}, 5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("the median of %v is %g, not %g", c.values, got, c.want)
		}
	}
}

// TestTurns runs this test program in place of those that are measured.
func TestTurns(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	var text bytes.Buffer
	m := &measurement{settings: settings{work: dir}, out: &text}
	one := func(name string) *result {
		return &result{Name: name, Rows: 100, input: dir, output: out, args: []string{os.Args[0], "-test.run=^TestNothing$"}}
	}
	if err := m.turns("part", 3, one("first"), one("second")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "second"} {
		r := m.find("part", name)
		if r == nil || len(r.Samples) != 3 {
			t.Fatalf("%s has %+v", name, r)
		}
		if r.Min <= 0 || r.Median < r.Min || r.Peak < 1<<20 || math.Abs(r.PerSecond*r.Median-100) > 1e-6 {
			t.Errorf("%s has %+v", name, r)
		}
		if !strings.Contains(text.String(), name) {
			t.Errorf("%s is not printed: %s", name, text.String())
		}
	}
	broken := one("broken")
	broken.args = append(broken.args, "-no-such-flag")
	if err := m.turns("part", 1, broken); err == nil || !strings.Contains(err.Error(), "no-such-flag") {
		t.Errorf("a program that fails gives %v", err)
	}
}

func TestOutputsAreSummed(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int{"a.parquet": 10, "day/b.parquet": 5, "rejects/c.ndjson": 100} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]int64{dir: 15, filepath.Join(dir, "a.parquet"): 10, filepath.Join(dir, "none"): 0, "": 0} {
		if got, err := parquetBytes(path); err != nil || got != want {
			t.Errorf("%s has %d bytes, %v; want %d", path, got, err, want)
		}
	}
}

func TestCleanRemovesWhatWasMade(t *testing.T) {
	dir := t.TempDir()
	m := &measurement{settings: settings{work: dir}}
	mine, theirs := m.made("mine"), filepath.Join(dir, "theirs")
	for _, path := range []string{mine, theirs} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.clean(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mine); err == nil {
		t.Error("the output is still there")
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Error("a file of somebody else is gone")
	}
}

// TestGoals judges made-up results, and writes them.
func TestGoals(t *testing.T) {
	dir := t.TempDir()
	var text bytes.Buffer
	m := &measurement{settings: settings{work: dir, json: filepath.Join(dir, "results.json"), memory: 512}, out: &text}
	for _, r := range []struct {
		part, name    string
		seconds       float64
		peak, written int64
	}{
		{"A", sluiceBare, 0.85, 0, 0}, {"A", duckUnsorted, 1, 0, 0}, {"A", duckSorted, 1.2, 0, 0},
		{"R0", sluiceShipped, 0.9, 0, 105}, {"R0", duckUnmapped, 1, 0, 0}, {"R0", duckUnmappedBy, 1, 0, 100},
		{"memory", "few", 1, 190 << 20, 0}, {"memory", "many", 1, 260 << 20, 0},
		{"start", "empty file", 0.021, 0, 0},
	} {
		one := &result{Part: r.part, Name: r.name}
		one.add(sample{Wall: r.seconds, CPU: r.seconds, Peak: r.peak, Bytes: r.written})
		m.results = append(m.results, one)
	}
	m.allocations = []allocations{{"Apply", 0}, {"ApplyDeep", 2}}
	m.judge()
	if err := m.writeJSON(); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(m.json)
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ Goals []goal }
	if err := json.Unmarshal(written, &back); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	for _, g := range back.Goals {
		verdicts[g.Text] = g.Verdict
	}
	for goal, want := range map[string]string{
		"A: without unmapped, to DuckDB unsorted":                      met,
		"A: without unmapped, to DuckDB ORDER BY time":                 missed,
		"L: without unmapped, to DuckDB unsorted":                      notMeasured,
		"R: shipped mapping, to DuckDB with unmapped, unsorted":        tie,
		"R: bytes written, to DuckDB sorted, all columns":              met,
		"peak memory of any size and workers, MiB":                     missed,
		"the largest peak memory, to the smallest":                     missed,
		"start on an empty file, median ms":                            missed,
		"allocations of an alert, warm: Apply":                         met,
		"allocations of an alert, warm: ApplyDeep":                     missed,
		"lambda: gzip in a share of a processor, to the earlier build": notMeasured,
	} {
		if verdicts[goal] != want {
			t.Errorf("%s is %q, not %q", goal, verdicts[goal], want)
		}
		if !strings.Contains(text.String(), goal) {
			t.Errorf("%s is not printed", goal)
		}
	}
}
