package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// compileText compiles a mapping written in a test, which must be right.
func compileText(t testing.TB, text string, o Options) *Plan {
	t.Helper()
	m, faults := syntax.Parse("test.yaml", syntax.NewDocument([]byte(text)), nil)
	if len(faults) == 0 {
		var p *Plan
		if p, faults = Compile(m, o); len(faults) == 0 {
			return p
		}
	}
	t.Fatalf("%v", faults.Err())
	return nil
}

// Each file of testdata is a mapping's event with cases below it: a line
// `--- alert`, the alert, a line `--- event` or `--- reject`, and what is
// expected: the event's own attributes (derived ones are left out), or the
// reason and the place. Both paths of evaluation must agree.
func TestSemantics(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) < 5 {
		t.Fatalf("only %d files (%v)", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { semantics(t, string(text)) })
	}
}

const testHead = `mapping: test
schema: 1.1.0
class: detection_finding
`

func semantics(t *testing.T, text string) {
	parts := strings.Split(text, "\n--- ")
	mapping := parts[0] + "\n"
	if !strings.Contains(mapping, "class:") {
		mapping = testHead + mapping
	}
	for i := 1; i+1 < len(parts); i += 2 {
		line := strings.TrimSpace(strings.TrimPrefix(parts[i], "alert\n"))
		kind, want, _ := strings.Cut(parts[i+1], "\n")
		strict := strings.HasPrefix(kind, "strict ")
		kind = strings.TrimPrefix(kind, "strict ")
		got := outcome(t, mapping, line, Options{Strict: strict})
		if diff := cmp.Diff(kind+"\n"+strings.TrimSpace(want), got); diff != "" {
			t.Errorf("alert %s: -want +got\n%s", line, diff)
		}
	}
}

// outcome gives what became of an alert in the form of the files.
func outcome(t *testing.T, mapping, line string, o Options) string {
	w := compileText(t, mapping, o).NewWorker()
	w.Apply(`{"other": ["alert", {"before": 1}], "timestamp": "2020-01-01T00:00:00Z"}`) // nothing of it may stay
	r := w.Apply(line)
	switch r.Outcome {
	case Unmatched:
		return "unmatched\n"
	case Reject:
		return strings.TrimSpace("reject\n" + r.Reason + "\n" + r.Where.String())
	}
	return "event\n" + without(string(r.Event.AppendJSON(nil)))
}

// without takes the derived constants out, which every event has.
func without(json string) string {
	for _, s := range []string{
		`"activity_id":1,"activity_name":"Create",`, `"category_name":"Findings","category_uid":2,`,
		`"class_name":"Detection Finding","class_uid":2004,`, `,"type_name":"Detection Finding: Create","type_uid":200401`,
		`"metadata":{"product":{"name":"n","vendor_name":"v"},"version":"1.1.0"},`, `"severity":"Low","severity_id":2,`,
		`"finding_info":{"title":"t","uid":"u"},`,
	} {
		json = strings.Replace(json, s, "", 1)
	}
	return json
}
