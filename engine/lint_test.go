package engine_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

var (
	warning = regexp.MustCompile(`# WARNING (?:([+-]\d+):)?(\d+) "((?:[^"\\]|\\.)*)"`)
	note    = regexp.MustCompile(`# NOTE (?:([+-]\d+):)?(\d+) "((?:[^"\\]|\\.)*)"`)
)

// Law: a mapping that compiles has the warnings that it says of itself, at
// their places, and no others; notes are said where a fixture is about them.
// Lines of alerts beside a fixture are what it is tested with.
func TestLint(t *testing.T) {
	const dir = "../testdata/mappings/lint"
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 10 {
		t.Fatalf("only %d fixtures (%v)", len(entries), err)
	}
	for _, entry := range entries {
		name, isYAML := strings.CutSuffix(entry.Name(), ".yaml")
		if name == "fragments" || !isYAML && !entry.IsDir() {
			continue
		}
		t.Run(name, func(t *testing.T) {
			files, err := mapping.Load([]string{dir + "/" + entry.Name()})
			if err != nil {
				t.Fatal(err)
			}
			var alerts []string
			if lines, err := os.ReadFile(dir + "/" + name + ".ndjson"); err == nil {
				alerts = strings.Split(strings.TrimSpace(string(lines)), "\n")
			}
			lint(t, files, alerts, name == "notes")
		})
	}
}

func lint(t *testing.T, files []engine.File, alerts []string, notes bool) {
	warnings, remarks := map[string][]expected{}, map[string][]expected{}
	for _, f := range files {
		warnings[f.Name] = expectations(t, warning, string(f.Text))
		remarks[f.Name] = expectations(t, note, string(f.Text))
	}
	e, found := engine.Lint(files, engine.Options{}, alerts)
	if e == nil {
		t.Fatal(found)
	}
	for _, f := range found {
		want := warnings
		if f.Severity == syntax.Note {
			want = remarks
			if !notes {
				continue
			}
		}
		if !take(want, syntax.Fault{Pos: f.Pos, Message: f.Message}) {
			t.Errorf("not expected: %v: %v: %s", f.Pos, f.Severity, f.Message)
		}
	}
	left(t, warnings)
	left(t, remarks)
}

// Law: what check says of the shipped mappings is that class 2001 is
// deprecated, and nothing else.
func TestShippedMappingsAreClean(t *testing.T) {
	for _, name := range mapping.Shipped() {
		files, err := mapping.Load([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		e, found := engine.Lint(files, engine.Options{}, nil)
		if e == nil {
			t.Fatal(found)
		}
		for _, f := range found {
			if f.Severity != syntax.Note && !strings.Contains(f.Message, "class `security_finding` is deprecated") {
				t.Errorf("%v: %s", f.Pos, f.Message)
			}
		}
	}
}
