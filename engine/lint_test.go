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

// Law: a mapping with faults has no findings but them, whatever stage finds
// them: what seems unused may be used where the fault is.
func TestFaultsHoldBackFindings(t *testing.T) {
	const head = "mapping: m\nschema: 1.1.0\nclass: detection_finding\ntables:\n  unused: [1]\nlet:\n  never: =id\nevent:\n" + mixedRest
	for _, rule := range []string{"", "  message: >\n    =tables.unused[0] + never\n", "  message: =tables.unused[0] + never +\n", "  mesage: =tables.unused[0] + never\n",
		"  message: [tables.unused[0]]\n", "  message: {a: 1}\n", "  $rest: 3\n"} {
		e, found := engine.Lint([]engine.File{{Name: "m.yaml", Text: []byte(head + rule)}}, engine.Options{}, nil)
		for _, f := range found {
			if e == nil && f.Severity != syntax.Broken {
				t.Errorf("%q has a fault, and %s is said: %s", rule, f.Rule, f.Message)
			}
		}
		if (e == nil) != (rule != "") || len(found) == 0 {
			t.Errorf("%q: %v", rule, found)
		}
	}
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

// Law: a set has an Engine exactly when it compiles, its faults are those of
// Compile, and every finding has a place and a sentence.
func FuzzLint(f *testing.F) {
	f.Add(whole("event:\n  message: =a ?? b\n"), `{"a":1}`)
	f.Add(whole("tables: {t: {a: 1, b: [2]}}\nlet:\n  x: =tables.t[a]\n  y: =x ?? x\nevent:\n  severity_id: =y\n"), `{"x":{"y":[1]}}`)
	f.Add(whole("event:\n  resources:\n    - $each: =zip(a, b)\n      $when: =it[0] != nil\n      uid: =it[0]\n"), `no alert`)
	f.Add(whole("functions:\n  f(x): =x + g(x)\n  g(x): =lower(x)\nparts:\n  a(x): {name: =f(x), owner: {$part: b}}\n  b: [{uid: =it}]\nevent:\n  resources:\n    - $each: =a as e\n      $part: a(e)\n    - {$part: b}\n"), `{"a":[1]}`)
	f.Fuzz(func(t *testing.T, text, line string) {
		files := []engine.File{{Name: "f.yaml", Text: []byte(text)}}
		_, err := engine.Compile(files, engine.Options{})
		e, found := engine.Lint(files, engine.Options{}, []string{line})
		if (e == nil) != (err != nil) {
			t.Fatalf("Compile says %v, Lint %v", err, found)
		}
		var faults syntax.Faults
		for _, x := range found {
			if x.Severity == syntax.Broken {
				faults = append(faults, syntax.Fault{Pos: x.Pos, Message: x.Message})
			}
			if x.Pos.File != "f.yaml" || x.Pos.Line < 1 || x.Pos.Line > len(syntax.Lines(text)) || x.Pos.Col < 1 || x.Message == "" || x.Rule == "" {
				t.Errorf("%+v", x)
			}
		}
		if want, _ := err.(syntax.Faults); len(want) != len(faults) {
			t.Errorf("Compile finds %d faults, Lint %d", len(want), len(faults))
		}
	})
}
