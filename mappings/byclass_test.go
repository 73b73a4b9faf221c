package mappings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// set is a set of mappings at work, in one goroutine.
type set struct {
	t       *testing.T
	engine  *engine.Engine
	worker  *engine.Worker
	checker *ocsf.Checker
}

func byClass(t *testing.T) *set {
	t.Helper()
	return compiled(t, "wazuh/by_class")
}

// compiled is a shipped mapping with those of its folder.
func compiled(t *testing.T, name string) *set {
	t.Helper()
	files, err := mapping.Under(".", name)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &set{t, e, e.NewWorker(), ocsf.NewChecker(e.Mappings[0].Layout.Schema)}
}

// event is the event of a line, which must break no rule of its class. An alert
// gives one.
func (s *set) event(line string) object {
	s.t.Helper()
	r := s.worker.Apply(line)
	if r.Outcome != engine.Event || len(r.Events) != 1 {
		s.t.Fatalf("%v, %d events: %s: %.300s", r.Outcome, len(r.Events), r.Reason, line)
	}
	text := r.Events[0].Event.AppendJSON(nil)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	event := object{}
	if err := d.Decode(&event); err != nil {
		s.t.Fatalf("an event is not JSON: %v: %s", err, text)
	}
	for _, f := range s.checker.Check(event) {
		s.t.Errorf("%s: %v\nin the event of %.300s", s.engine.Mappings[r.Mapping].Name, f, line)
	}
	event = object{}
	if err := json.Unmarshal(text, &event); err != nil {
		s.t.Fatal(err)
	}
	return event
}

// sampleLines are the lines of all samples, by file and number: wazuh4/sshd.ndjson:1
func sampleLines(t *testing.T) map[string]string {
	t.Helper()
	lines := map[string]string{}
	for _, folder := range []string{"alerts", "wazuh4", "wazuh5"} {
		names, err := filepath.Glob("../testdata/" + folder + "/*.ndjson")
		if err != nil || len(names) == 0 {
			t.Fatalf("no samples: %v", err)
		}
		for _, name := range names {
			for i, line := range strings.Split(strings.TrimSuffix(string(read(t, name)), "\n"), "\n") {
				lines[fmt.Sprintf("%s/%s:%d", folder, filepath.Base(name), i+1)] = strings.TrimSuffix(line, "\r")
			}
		}
	}
	return lines
}

// Law: every sample becomes an event of the class that it deserves, with the
// facts that are expected of it, and no rule of OCSF is broken.
func TestClassesAreAsExpected(t *testing.T) {
	s := byClass(t)
	lines := sampleLines(t)
	facts := 0
	for _, e := range expectations(t) {
		want := map[string]any{"class_uid": float64(e.Class)}
		for path, v := range e.Event {
			want[path] = v
		}
		if e.Active != nil {
			want["activity_id"] = float64(*e.Active)
		}
		if e.Status != nil {
			want["status_id"] = float64(*e.Status)
		}
		event := s.event(lines[e.Sample])
		for path, v := range want {
			facts++
			if got := allAt(event, path); !contains(got, v) {
				t.Errorf("%s: %s is %v, want %v", e.Sample, path, got, v)
			}
		}
	}
	if facts < 900 {
		t.Errorf("only %d facts were looked at", facts)
	}
}

// Law: every sample becomes an event that breaks no rule of its class, and none of
// its leaves is lost.
func TestClassesLoseNothing(t *testing.T) {
	s := byClass(t)
	for name, line := range sampleLines(t) {
		s.event(line)
		r := s.worker.Apply(line)
		loseNothing(t, s.worker, &r, name)
	}
}

// Law: whatever a decoder writes into a field of an alert, the alert becomes an event
// of some class that breaks no rule of OCSF. Only what every finding requires may
// reject it.
func TestStrangeValuesByClass(t *testing.T) {
	s := byClass(t)
	strangely(t, rand.New(rand.NewPCG(7, 11)), s.worker, func(line string) { s.event(line) })
}

// Law: each class of the set has a custom source of its own, whose suffix leaves 12
// characters for the rest of the name.
func TestClassesHaveSources(t *testing.T) {
	of := map[string]string{}
	for _, m := range byClass(t).engine.Mappings {
		class := m.Layout.Class.Name
		if !strings.HasPrefix(m.Source, "-") || len(m.Source) > syntax.MaxSource-12 {
			t.Errorf("%s: the source %q is not a short suffix", m.Name, m.Source)
		}
		if other, ok := of[class]; ok && other != m.Source {
			t.Errorf("%s has the source %s, other mappings of its class %s", m.Name, m.Source, other)
		}
		of[class] = m.Source
	}
	if len(of) != 16 {
		t.Errorf("there are %d classes", len(of))
	}
}

// The page on the classes lists those of the set, in the order in which they are
// asked, with their sources.
func TestClassesAreListed(t *testing.T) {
	page := string(read(t, "../docs/classes.md"))
	at, seen := 0, map[string]bool{}
	for _, m := range byClass(t).engine.Mappings {
		if seen[m.Layout.Class.Name] {
			continue
		}
		seen[m.Layout.Class.Name] = true
		row := fmt.Sprintf("\n| %d %s | `%s%s` |", m.Layout.Class.UID, m.Layout.Class.Caption, settings.DefaultSource, m.Source)
		i := strings.Index(page, row)
		if i < at {
			t.Errorf("docs/classes.md lacks the row %q, or has it in another place", row)
		}
		at = max(at, i)
	}
}
