package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// Law: of an alert that has an event there is a least event, of the same mappings, with all
// that the class requires, as it is in the other one; what is not in it is under `unmapped`.
// It is degraded, and in strict mode a reject.
func TestLeastEvents(t *testing.T) {
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		w, least := shipped(t, name, engine.Options{}).NewWorker(), shipped(t, name, engine.Options{}).NewWorker()
		strict := shipped(t, name, engine.Options{Strict: true}).NewWorker()
		strict.Spend()
		events := 0
		for _, line := range samples(t) {
			least.Spend()
			want, got := w.Apply(line), least.Apply(line)
			if got.Outcome != want.Outcome || len(got.Events) != len(want.Events) || got.Degraded != (got.Outcome == engine.Event) {
				t.Fatalf("%s: %s, degraded %t (%s), not %s\n%s", name, got.Outcome, got.Degraded, got.Reason, want.Outcome, line)
			}
			for i := range got.Events {
				events++
				checkLeast(t, line, got.Events[i], want.Events[i])
			}
			if r := strict.Apply(line); r.Outcome != engine.Reject || !strings.Contains(r.Reason, "for the alerts of one MiB of input") {
				t.Fatalf("%s, strict: %s %s", name, r.Outcome, r.Reason)
			}
		}
		if events < 100 {
			t.Errorf("%s: %d events", name, events)
		}
	}
}

func checkLeast(t *testing.T, line string, got, want engine.Mapped) {
	t.Helper()
	if got.Mapping != want.Mapping {
		t.Fatalf("an event of mapping %d, not %d: %s", got.Mapping, want.Mapping, line)
	}
	least, whole := map[string]any{}, map[string]any{}
	for text, to := range map[string]*map[string]any{string(got.Event.AppendJSON(nil)): &least, string(want.Event.AppendJSON(nil)): &whole} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range got.Event.Layout.Class.Attributes {
		if _, there := whole[a.Name]; !there || a.Requirement != ocsf.Required || len(a.Profiles) > 0 {
			continue
		}
		if value, there := least[a.Name]; !there {
			t.Errorf("`%s` is missing: %s", a.Name, line)
		} else if a.Object == nil {
			if diff := cmp.Diff(whole[a.Name], value); diff != "" {
				t.Errorf("`%s`: %s\n%s", a.Name, diff, line)
			}
		}
	}
	if len(least) > len(whole) {
		t.Errorf("the least event has more attributes: %v", least)
	}
}

// A set of mappings works no more on one alert than on those of a MiB, and what their events
// come to is bounded together: lists end, and where hundreds of mappings keep the whole alert
// it is a reject.
func TestOneAlertOfASet(t *testing.T) {
	line := `{"timestamp":1700000000000,"id":"1","data":{"list":[` + strings.Repeat(`{"name":"name"},`, 9_999) + `{}]}}`
	for unmapped, outcome := range map[string]engine.Outcome{"": engine.Event, "  unmapped: {$rest: true}\n": engine.Reject} {
		var files []engine.File
		for i := range 300 {
			text := fmt.Sprintf("mapping: m%d\nalso: true\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n"+
				"  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n  resources:\n    - {$each: =data.list, name: =it.name, uid: =it.name, labels: [=it.name]}\n", i)
			files = append(files, engine.File{Name: fmt.Sprintf("m%d.yaml", i), Text: []byte(text + unmapped)})
		}
		e, err := engine.Compile(files, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := e.NewWorker()
		w.Renew()
		r := w.Apply(line)
		size := 0
		for _, m := range r.Events {
			for _, f := range m.Event.Layout.Fields {
				if f.Name == "resources" {
					size += len(m.Event.Cells[f.Cell].Items)
				}
			}
		}
		if r.Outcome != outcome || r.Outcome == engine.Event && (!r.Degraded || size == 0) || size > 200_000 {
			t.Errorf("%s: %s, degraded %t, %d resources", r.Outcome, r.Reason, r.Degraded, size)
		}
		if r = w.Apply(`{"timestamp":1700000000000,"id":"1","data":{"list":[{"name":"n"}]}}`); r.Outcome != engine.Event || len(r.Events) != 300 {
			t.Errorf("the alert behind it: %s: %s", r.Outcome, r.Reason)
		}
	}
}

// Law: alerts that have nothing of what the conditions of a set read are asked about once,
// however many there are, and none is a reject.
func TestIdleAlerts(t *testing.T) {
	e, plain := shipped(t, "wazuh/by_class", engine.Options{}), shipped(t, "wazuh/by_class", engine.Options{Plain: true})
	w, p := e.NewWorker(), plain.NewWorker()
	w.Renew()
	p.Renew()
	for n := range 5000 {
		line := []string{"{}", `{"a":1}`, `{"b":{"rule":{}}}`}[n%3]
		got := w.Apply(line)
		if n < 200 {
			if want := p.Apply(line); got.Outcome != want.Outcome || w.Work() != p.Work() {
				t.Fatalf("%s takes %d steps, not %d", line, w.Work(), p.Work())
			}
		}
		if got.Outcome != engine.Unmatched {
			t.Fatalf("%s: %s %s", line, got.Outcome, got.Reason)
		}
	}
	if w.Work() > 5000*20 {
		t.Errorf("5000 alerts of nothing take %d steps", w.Work())
	}
}
