package engine_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// expected is a fault that a fixture says of itself: `# ERROR COL "regexp"`
// at the end of the faulty line, or `# ERROR +1:COL "regexp"` for another line
// where no comment can stand on the faulty one.
type expected struct {
	line, col int
	message   *regexp.Regexp
}

var fault = regexp.MustCompile(`# ERROR (?:([+-]\d+):)?(\d+) "((?:[^"\\]|\\.)*)"`)

func expectations(t *testing.T, marker *regexp.Regexp, src string) []expected {
	var out []expected
	for i, line := range syntax.Lines(src) {
		for _, m := range marker.FindAllStringSubmatch(line, -1) {
			offset, _ := strconv.Atoi(m[1])
			col, _ := strconv.Atoi(m[2])
			message, err := regexp.Compile(m[3])
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			out = append(out, expected{i + 1 + offset, col, message})
		}
	}
	return out
}

// Law: of a bad mapping every fault is found, at its file, line and column, in
// one go, and nothing else is. A fixture is a file, or a folder that is
// compiled as one set; what a file includes says its faults itself.
func TestBadMappings(t *testing.T) {
	const dir = "../testdata/mappings/bad"
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) < 85 {
		t.Fatalf("only %d fixtures (%v)", len(entries), err)
	}
	for _, entry := range entries {
		if entry.Name() == "fragments" {
			continue
		}
		t.Run(strings.TrimSuffix(entry.Name(), ".yaml"), func(t *testing.T) {
			files, err := mapping.Load([]string{dir + "/" + entry.Name()})
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]expected{}
			for _, f := range files {
				want[f.Name] = expectations(t, fault, string(f.Text))
				for name, included := range f.Includes {
					want[name] = expectations(t, fault, string(included.Text))
				}
			}
			_, err = engine.Compile(files, engine.Options{})
			faults, ok := err.(syntax.Faults)
			if !ok {
				t.Fatalf("no faults but %v", err)
			}
			for _, f := range faults {
				if !take(want, f) {
					t.Errorf("not expected: %v", f)
				}
			}
			left(t, want)
			if e, found := engine.Lint(files, engine.Options{}, nil); e != nil || len(found) == 0 {
				t.Error("check finds no fault")
			}
		})
	}
}

func take(want map[string][]expected, f syntax.Fault) bool {
	list := want[f.Pos.File]
	for i, w := range list {
		if w.line == f.Pos.Line && w.col == f.Pos.Col && w.message.MatchString(f.Message) {
			want[f.Pos.File] = append(list[:i:i], list[i+1:]...)
			return true
		}
	}
	return false
}

func left(t *testing.T, want map[string][]expected) {
	for file, list := range want {
		for _, w := range list {
			t.Errorf("not found: %s:%d:%d %s", file, w.line, w.col, w.message)
		}
	}
}

// callsOfB are so many entries that each call the function b.
func callsOfB(n int) string {
	var entries strings.Builder
	for i := range n {
		fmt.Fprintf(&entries, "k%d: '=b(id)', ", i)
	}
	return entries.String()
}

// fixtureFaults are the faults of all fixtures, and of texts that are too large
// or too odd to be files.
func fixtureFaults(t *testing.T) syntax.Faults {
	t.Helper()
	const dir = "../testdata/mappings/bad"
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sets := [][]engine.File{
		{{Name: "large.yaml", Text: make([]byte, syntax.MaxBytes+1)}},
		{{Name: "latin1.yaml", Text: []byte("mapping: M\xfcnchen\n")}},
		{{Name: "deep.yaml", Text: []byte("event: " + strings.Repeat("{a: ", 70) + "1" + strings.Repeat("}", 70))}},
		{{Name: "long.yaml", Text: []byte(whole("event:\n  message: " + strings.Repeat("a", 70_000) + "\n"))}},
		{{Name: "parts.yaml", Text: []byte(whole("event:\n  message: =" + strings.Repeat("a + ", 2_000) + "a\n"))}},
		{{Name: "placed.yaml", Text: []byte(whole("functions:\n  a(x): =" + strings.Repeat("x + ", 60) + "x\n  b(x): =" + strings.Repeat("a(x) + ", 30) + "x\nevent:\n  unmapped: {" + callsOfB(300) + "}\n"))}},
		{{Name: "bytes.yaml", Text: []byte(whole("event:\n  message: =a" + strings.Repeat(" ", 20_000) + "+ a\n"))}},
		{{Name: "wide.yaml", Text: []byte("tables: {t: [" + strings.Repeat("1,", 100_001) + "]}")}},
	}
	for _, entry := range entries {
		files, err := mapping.Load([]string{dir + "/" + entry.Name()})
		if err != nil {
			t.Fatal(err)
		}
		if entry.Name() != "fragments" {
			sets = append(sets, files)
		}
	}
	var all syntax.Faults
	for _, set := range sets {
		_, err := engine.Compile(set, engine.Options{})
		faults, _ := err.(syntax.Faults)
		all = append(all, faults...)
	}
	return all
}
