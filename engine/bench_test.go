package engine_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// shipped compiles a shipped mapping.
func shipped(tb testing.TB, name string, o engine.Options) *engine.Engine {
	tb.Helper()
	files, err := mapping.Load([]string{name})
	if err != nil {
		tb.Fatal(err)
	}
	e, err := engine.Compile(files, o)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// samples gives the lines of testdata/alerts that are not blank.
func samples(tb testing.TB) []string {
	tb.Helper()
	files, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no samples: %v", err)
	}
	var lines []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			tb.Fatal(err)
		}
		for _, line := range bytes.Split(text, []byte("\n")) {
			if line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff"))); len(line) > 0 {
				lines = append(lines, string(line))
			}
		}
	}
	return lines
}

// BenchmarkApply is line to event: decode and plan together. The decoder alone
// is alert.BenchmarkScan, Parquet alone table's benchmarks.
func BenchmarkApply(b *testing.B) {
	lines := samples(b)
	bytes := 0
	for _, l := range lines {
		bytes += len(l)
	}
	for _, name := range []string{"security_finding", "detection_finding"} {
		b.Run(name, func(b *testing.B) {
			w := shipped(b, "wazuh/"+name, engine.Options{}).NewWorker()
			apply := func(line string) {
				if r := w.Apply(line); r.Outcome != engine.Event {
					b.Fatal(r.Reason)
				}
			}
			for range warm {
				for _, l := range lines {
					apply(l)
				}
			}
			b.SetBytes(int64(bytes / len(lines)))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				apply(lines[i%len(lines)])
			}
		})
	}
}

// warm is how often a worker has seen each alert before what it does is measured.
const warm = 3
