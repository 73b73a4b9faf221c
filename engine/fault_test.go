package engine_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// expected is a fault that a fixture says of itself: `# ERROR COL "regexp"`
// at the end of the faulty line, or `# ERROR +1:COL "regexp"` for another line
// where no comment can stand on the faulty one.
type expected struct {
	line, col int
	message   *regexp.Regexp
}

var expectation = regexp.MustCompile(`# ERROR (?:([+-]\d+):)?(\d+) "((?:[^"\\]|\\.)*)"`)

func expectations(t *testing.T, src string) []expected {
	var out []expected
	for i, line := range strings.Split(src, "\n") {
		for _, m := range expectation.FindAllStringSubmatch(line, -1) {
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

// Law: of a bad mapping every fault is found, at its line and column, in one
// go, and nothing else is.
func TestBadMappings(t *testing.T) {
	files, err := filepath.Glob("../testdata/mappings/bad/*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("only %d fixtures (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := expectations(t, string(src))
			if len(want) == 0 {
				t.Fatal("the fixture says no fault")
			}
			_, err = engine.Compile([]engine.File{{Name: filepath.Base(file), Text: src}}, engine.Options{})
			faults, ok := err.(syntax.Faults)
			if !ok {
				t.Fatalf("no faults but %v", err)
			}
			for _, f := range faults {
				if !take(&want, f) {
					t.Errorf("not expected: %v", f)
				}
			}
			for _, w := range want {
				t.Errorf("not found: %d:%d %s", w.line, w.col, w.message)
			}
		})
	}
}

func take(want *[]expected, f syntax.Fault) bool {
	for i, w := range *want {
		if w.line == f.Pos.Line && w.col == f.Pos.Col && w.message.MatchString(f.Message) {
			*want = append((*want)[:i:i], (*want)[i+1:]...)
			return true
		}
	}
	return false
}
