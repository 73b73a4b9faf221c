package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

const (
	withParts  = "../testdata/mappings/pack/short"
	writtenOut = "../testdata/mappings/pack/long"
)

// A set of five mappings shares what is the same in them by parts and functions of
// one file. The same set without them gives the same events, repeats its rules,
// and needs at least 1.6 times the lines.
func TestPartsEndRepetition(t *testing.T) {
	short, long := linesOf(t, withParts), linesOf(t, writtenOut)
	if again := repeated(short); len(again) > 0 {
		t.Errorf("rules in several files: %q", again)
	}
	again, ratio := len(repeated(long)), float64(count(long))/float64(count(short))
	t.Logf("with parts and functions: %d lines, no rule in two files; without: %d lines, %d rules in several files; ratio %.2f", count(short), count(long), again, ratio)
	if ratio < 1.6 || again < 50 {
		t.Errorf("%.2f times the lines, %d rules repeat", ratio, again)
	}
	rationale, err := os.ReadFile("../RATIONALE.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(rationale)), " ")
	for _, said := range []string{fmt.Sprintf("has %d lines with parts", count(short)), fmt.Sprintf("it has %d, %.1f times as many", count(long), ratio), fmt.Sprintf("and %d rules stand in several files", again)} {
		if !strings.Contains(text, said) {
			t.Errorf("RATIONALE.md does not say %q", said)
		}
	}
}

func TestPackInBothForms(t *testing.T) {
	a, b := packOf(t, withParts).NewWorker(), packOf(t, writtenOut).NewWorker()
	made := map[int]bool{}
	for _, line := range enginetest.Samples(t) {
		x, y := a.Apply(line), b.Apply(line)
		if x.Outcome != y.Outcome || x.Reason != y.Reason || x.Mapping != y.Mapping {
			t.Fatalf("%v %q by %d, written out %v %q by %d: %s", x.Outcome, x.Reason, x.Mapping, y.Outcome, y.Reason, y.Mapping, line)
		}
		if x.Outcome != engine.Event {
			continue
		}
		made[x.Mapping] = true
		if diff := cmp.Diff(sortedJSON(t, y.Events[0].Event.AppendJSON(nil)), sortedJSON(t, x.Events[0].Event.AppendJSON(nil))); diff != "" {
			t.Fatalf("(-written out +with parts):\n%s\n%s", diff, line)
		}
	}
	if len(made) != 5 {
		t.Errorf("the samples reach the mappings %v", made)
	}
}

func packOf(t *testing.T, dir string) *engine.Engine {
	t.Helper()
	files, err := mapping.Load([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	e, found := engine.Lint(files, engine.Options{}, nil)
	for _, f := range found {
		if f.Severity != syntax.Note {
			t.Errorf("%v: %s", f.Pos, f.Message)
		}
	}
	if e == nil {
		t.FailNow()
	}
	return e
}

// linesOf returns the lines of each file of a set, without comments, blank lines
// and indentation.
func linesOf(t *testing.T, dir string) map[string][]string {
	t.Helper()
	names, _ := filepath.Glob(dir + "/*.yaml")
	shared, _ := filepath.Glob(dir + "/shared/*.yaml")
	if len(names) != 5 || len(shared) != 1 {
		t.Fatalf("%s has %q and %q", dir, names, shared)
	}
	files := map[string][]string{}
	for _, name := range append(names, shared...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range syntax.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				files[name] = append(files[name], line)
			}
		}
	}
	return files
}

func count(files map[string][]string) (n int) {
	for _, lines := range files {
		n += len(lines)
	}
	return n
}

// onlyPart matches a line that uses a part and gives nothing beside it.
var onlyPart = regexp.MustCompile(`^(?:[a-z_]+: \{)?\$part: (?:"[^"]*"|[^",}]*)\}?$`)

// repeated returns the rules that stand in several files, each once: what gives an
// attribute a value. A line that only uses a part is not a rule.
func repeated(files map[string][]string) (rules []string) {
	in := map[string]int{}
	for name, lines := range files {
		head := !strings.Contains(name, "shared")
		seen := map[string]bool{}
		for _, line := range lines {
			line = strings.TrimPrefix(line, "- ")
			if !head && strings.Contains(line, ": ") && !onlyPart.MatchString(line) && !seen[line] {
				seen[line] = true
				in[line]++
			}
			head = head && line != "event:"
		}
	}
	for line, n := range in {
		if n > 1 {
			rules = append(rules, line)
		}
	}
	return rules
}
