// Package enginetest is what tests around the engine share: engines of small mappings, and
// the sample alerts. It is for tests only.
package enginetest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Compile compiles a set of mappings, which are called m0.yaml, m1.yaml and so on.
func Compile(tb testing.TB, o engine.Options, texts ...string) *engine.Engine {
	tb.Helper()
	files := make([]engine.File, len(texts))
	for i, text := range texts {
		files[i] = engine.File{Name: fmt.Sprintf("m%d.yaml", i), Text: []byte(text)}
	}
	e, err := engine.Compile(files, o)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// Samples returns the lines of the sample alerts and of testdata/malformed.ndjson, without
// their ends.
func Samples(tb testing.TB) (lines []string) {
	tb.Helper()
	root := "testdata"
	for ; root != "../../../../testdata"; root = filepath.Join("..", root) {
		if _, err := os.Stat(filepath.Join(root, "malformed.ndjson")); err == nil {
			break
		}
	}
	names, err := filepath.Glob(filepath.Join(root, "alerts", "*.ndjson"))
	if err != nil || len(names) < 20 {
		tb.Fatalf("%s has %d samples (%v)", root, len(names), err)
	}
	for _, name := range append(names, filepath.Join(root, "malformed.ndjson")) {
		text, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			lines = append(lines, string(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))))
		}
	}
	return lines
}
