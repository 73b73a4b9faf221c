package engine_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// told is a Result as plain data, to compare.
func told(r engine.Result) []string {
	out := []string{string('0' + rune(r.Outcome)), r.Reason, r.Where.String()}
	for _, m := range r.Events {
		out = append(out, string(m.Event.AppendJSON(nil)))
	}
	return out
}

// Laws, for any line: it becomes an event, a reject with a reason, or is
// unmatched, and nothing panics; the event breaks no rule of OCSF; and a worker
// that has seen other lines gives what a fresh one gives.
func FuzzApply(f *testing.F) {
	for i, line := range samples(f) {
		if i%3 == 0 && len(line) < 8<<10 {
			f.Add(line)
		}
	}
	f.Add(`{"timestamp":"2026-03-14T09:26:53Z","rule":{"description":"d","mitre":{"id":[["T1"],{"a":1},null,"T2.1"],"tactic":{"x":"y"}}},"agent":5}`)
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		f.Fatal(err)
	}
	checker := ocsf.NewChecker(schema)
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding"} {
		shipped(f, name, engine.Options{})
	}
	security := shipped(f, "wazuh/security_finding", engine.Options{})
	detection := shipped(f, "wazuh/detection_finding", engine.Options{}).NewWorker()
	warm := security.NewWorker()
	f.Fuzz(func(t *testing.T, line string) {
		fresh := told(security.NewWorker().Apply(line))
		if diff := cmp.Diff(fresh, told(warm.Apply(line))); diff != "" {
			t.Errorf("a warm worker differs: -fresh +warm\n%s", diff)
		}
		for _, r := range []engine.Result{warm.Apply(line), detection.Apply(line)} {
			lawful(t, checker, r)
		}
	})
}

func lawful(t *testing.T, checker *ocsf.Checker, r engine.Result) {
	t.Helper()
	switch r.Outcome {
	case engine.Reject:
		if r.Reason == "" || !utf8.ValidString(r.Reason) {
			t.Errorf("a reject with the reason %q", r.Reason)
		}
		return
	case engine.Unmatched, engine.Dropped:
		return
	}
	text := r.Events[0].Event.AppendJSON(nil)
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var event map[string]any
	if err := d.Decode(&event); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	for _, finding := range checker.Check(event) {
		t.Errorf("%v in %s", finding, text)
	}
}

// Law: every sample becomes an event of either shipped mapping that breaks no
// rule of OCSF.
func TestSamplesAreLawful(t *testing.T) {
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	checker := ocsf.NewChecker(schema)
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding"} {
		w := shipped(t, name, engine.Options{}).NewWorker()
		for _, line := range samples(t) {
			r := w.Apply(line)
			if r.Outcome != engine.Event {
				t.Errorf("%s: %s (%s): %.200s", name, r.Reason, r.Where, line)
				continue
			}
			lawful(t, checker, r)
		}
	}
}

// Law: any bytes are a mapping or faults, each with a place in the file, and
// never a panic.
func FuzzCompile(f *testing.F) {
	f.Add("mapping: a\nschema: 1.1.0\nclass: base_event\nevent:\n  time: =a\n  unmapped: {$rest: true}\n")
	f.Add("a: &a [*a]\nevent: {x: =it[0], y: \"=\\u00e9 + 1\"}\nlet: {b: =c ?? d}\n")
	f.Add("event:\n  message: |\n    =a ?\n      b :\n    c\n")
	f.Add("mapping: a\nschema: 1.3.0\nclass: detection_finding\nprofiles: [cloud, datetime, x]\nevent:\n  severity: Hgih\n  api: {operation: =a}\n  observables: [{$from: event, only: [2, ip_t, a.b], not: x}, {$from: 1}]\n")
	f.Add("parts:\n  a(x): [{name: =x, $each: =y as z}, {$part: b(z)}]\n  b(y): {$part: a(y)}\nfunctions:\n  f(x): =g(x)\n  g(x): =f(x)\nevent:\n  a: {$part: a(f(1))}\n")
	f.Add("tables: {a: {1: x, 1.5: y, null: z, [a]: b}}\nevent: {$each: x, $rest: 1}")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := engine.Compile([]engine.File{{Name: "f.yaml", Text: []byte(text)}}, engine.Options{})
		if err == nil {
			return
		}
		faults, ok := err.(syntax.Faults)
		if !ok || len(faults) == 0 {
			t.Fatalf("not faults: %v", err)
		}
		lines := len(syntax.Lines(text))
		for _, fault := range faults {
			if p := fault.Pos; p.File != "f.yaml" || p.Line < 1 || p.Line > lines || p.Col < 1 {
				t.Errorf("a fault at %v of %d lines: %s", p, lines, fault.Message)
			}
			if fault.Message == "" || !utf8.ValidString(fault.Message) {
				t.Errorf("a fault that says %q", fault.Message)
			}
		}
	})
}

// Law: what a mapping of constants and paths does for an alert allocates
// nothing once the worker is warm.
func TestPathsAndConstantsDoNotAllocate(t *testing.T) {
	const mapping = `
mapping: paths
schema: 1.1.0
class: detection_finding
event:
  activity_id: 1
  severity_id: 2
  time: =timestamp
  message: =rule.description
  count: =rule.firedtimes
  finding_info: {uid: =id, title: =rule.description, analytic: {type_id: 1, uid: =rule.id, name: =decoder.name}}
  metadata: {original_time: =timestamp, product: {name: Wazuh, vendor_name: v}}
  resources: [{uid: =agent.id, name: =agent.name, labels: =rule.groups}]
  unmapped: {$rest: true}
`
	e, err := engine.Compile([]engine.File{{Name: "paths.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"timestamp":"2026-03-14T09:26:53.589+0000","id":"1773480413.7","rule":{"id":5710,"level":5,"firedtimes":3,` +
		`"description":"sshd: no such user","groups":["sshd","syslog"]},"agent":{"id":"001","name":"web-1"},"decoder":{"name":"sshd"},"data":{"srcip":"192.0.2.7","srcport":"51000"}}`
	w := e.NewWorker()
	if r := w.Apply(line); r.Outcome != engine.Event {
		t.Fatal(r.Reason)
	}
	if n := testing.AllocsPerRun(200, func() { w.Apply(line) }); n != 0 {
		t.Errorf("%v allocations an alert", n)
	}
}
