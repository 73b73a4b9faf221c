package mappings_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
)

// Law: a good mapping makes of its alerts the events written by hand beside
// it, whole and nothing else, as Arrow reads them. NAME.json has an entry for
// each line of NAME.ndjson: an event, "unmatched", or "reject: TEXT".
func TestGoodMappings(t *testing.T) {
	names, err := filepath.Glob("../testdata/mappings/good/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("no good mappings: %v", err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			stem := strings.TrimSuffix(name, ".yaml")
			p := compile(t, engine.File{Name: filepath.Base(name), Text: read(t, name)})
			lines := strings.Split(strings.TrimSuffix(string(read(t, stem+".ndjson")), "\n"), "\n")
			var wanted []any
			if err := json.Unmarshal(read(t, stem+".json"), &wanted); err != nil {
				t.Fatal(err)
			}
			if len(wanted) != len(lines) {
				t.Fatalf("%d lines and %d results", len(lines), len(wanted))
			}
			var events []object
			for i, line := range lines {
				reason := p.add(line)
				switch want := wanted[i].(type) {
				case object:
					events = append(events, whole(want).(object))
					if reason != "" {
						t.Fatalf("line %d: %s", i+1, reason)
					}
				case string:
					kind, text, _ := strings.Cut(want, ": ")
					if reason == "" || (kind == "unmatched") != (reason == "unmatched") || !strings.Contains(reason, text) {
						t.Errorf("line %d should be %q, is %q", i+1, want, reason)
					}
				}
			}
			rows, _ := readArrow(t, p.parquet())
			if diff := cmp.Diff(events, rows); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// whole makes the whole numbers of decoded JSON what Arrow gives for integers.
func whole(v any) any {
	switch x := v.(type) {
	case float64:
		if x == float64(int64(x)) {
			return int64(x)
		}
	case []any:
		for i := range x {
			x[i] = whole(x[i])
		}
	case object:
		for name := range x {
			x[name] = whole(x[name])
		}
	}
	return v
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
