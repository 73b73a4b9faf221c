package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// After Renew the alerts of a part of the input share a budget. Beyond it they are events
// still, of which what takes many steps is left out, and the next part has a budget of its
// own; mappings of a set share it. Without Renew there is none.
func TestBudgetOfAPartOfTheInput(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	rule := "  raw_data: \"=string(count(data.list, any(data.list, # == 'x')))\"\n  unmapped"
	first := strings.Replace(degradedMapping, "  unmapped", rule, 1)
	second := strings.Replace(strings.Replace(first, "mapping: test/degraded", "mapping: test/other\nsource: other\nwhen: =id == '2'", 1), "schema", "priority: -1\nschema", 1)
	e, err := engine.Compile([]engine.File{{Name: "a.yaml", Text: []byte(first)}, {Name: "b.yaml", Text: []byte(second)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	line := func(n int) string { // takes 250,000 steps
		return fmt.Sprintf(`{"timestamp":1700000000000,"id":"%d","rule":{"description":"d"},"data":{"list":[%s"a"]}}`, n%3, strings.Repeat(`"a",`, 499))
	}
	for _, worker := range []struct {
		renews bool
		whole  int // events that have the count, of 90
	}{{false, 90}, {true, 77}} {
		w := e.NewWorker()
		for part := range 2 {
			if worker.renews {
				w.Renew()
			}
			whole, last := 0, 0
			for n := range 90 {
				r := w.Apply(line(n))
				if r.Outcome != engine.Event {
					t.Fatalf("%s: %s", r.Outcome, r.Reason)
				}
				if strings.Contains(string(r.Events[0].Event.AppendJSON(nil)), `"raw_data":"0"`) {
					whole, last = whole+1, n
				}
			}
			if whole != worker.whole || last != whole-1 {
				t.Errorf("part %d, renewed %t: %d events are whole, up to %d", part, worker.renews, whole, last)
			}
		}
		if r := w.Apply(`{"timestamp":1700000000000,"id":"1","rule":{"description":"d"},"data":{"list":["x"]}}`); !strings.Contains(string(r.Events[0].Event.AppendJSON(nil)), `"raw_data":"1"`) {
			t.Error("a rule of few steps fails")
		}
	}
}

// Law: what the work for a part of the input comes to does not depend on what was recalled,
// nor on whether mappings are asked or known to take an alert. Beyond a limit alerts become
// the least events, which have what no rule wrote under `unmapped`.
func TestWorkOfAPartOfTheInput(t *testing.T) {
	rules := "  raw_data: \"=string(count(data.list, # == agent.name))\"\n  comment: =whole + agent.name\n  count: =len(data.list)\n" +
		"  resources:\n    - $each: =data.list\n      $when: =it == 'none'\n      name: =it\n      labels: [" + strings.TrimSuffix(strings.Repeat("=it, ", 500), ", ") + "]\n"
	lets := "let: {whole: \"=join(map(data.list, upper(#)), '-')\", half: =whole + whole, title: \"=(half ?? whole) + agent.name\"}\n"
	var files []engine.File
	for i := range 6 {
		text := fmt.Sprintf("mapping: m%d\nschema: 1.1.0\nclass: detection_finding\nwhen: \"=id == '%d' and len(data.list) > 3\"\nalso: true\n%sevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n"+
			"  finding_info: {uid: =id, title: \"=rule.title ?? title\"}\n  metadata: {product: {name: n, vendor_name: v}}\n%s  unmapped: {$rest: true}\n", i, i%3, lets, rules)
		files = append(files, engine.File{Name: fmt.Sprintf("m%d.yaml", i), Text: []byte(text)})
	}
	e, plain := twins(t, files...)
	w, p := e.NewWorker(), plain.NewWorker()
	for part := range 2 {
		w.Renew()
		p.Renew()
		whole, over := 0, 0
		for n := range 120 {
			line := fmt.Sprintf(`{"timestamp":1700000000000,"id":"%d","agent":{"name":"a%d"},"rule":{"title":"t"},"data":{"list":[%s"a"]%s}}`,
				n%4, n%5, strings.Repeat(`"a",`, 400), []string{"", `,"x":1`}[n%2])
			got, want := w.Apply(line), p.Apply(line)
			if got.Outcome != want.Outcome || got.Reason != want.Reason || w.Work() != p.Work() || len(got.Events) != len(want.Events) {
				t.Fatalf("part %d, alert %d: %s %q with %d steps of work, not %s %q with %d", part, n, got.Outcome, got.Reason, w.Work(), want.Outcome, want.Reason, p.Work())
			}
			degraded := false // the events of an alert may be on both sides of the limit
			for i := range got.Events {
				a, b := string(got.Events[i].Event.AppendJSON(nil)), string(want.Events[i].Event.AppendJSON(nil))
				least := !strings.Contains(a, `"raw_data":"0"`)
				degraded = degraded || least
				if a != b || over > 0 && !least || least && strings.Count(a, `"data.list.`) != 401 {
					t.Fatalf("part %d, alert %d, %d over, degraded %t: %.3000s\nnot %.3000s", part, n, over, got.Degraded, a, b)
				}
				if least {
					over++
				} else {
					whole++
				}
			}
			if degraded != got.Degraded {
				t.Fatalf("part %d, alert %d: degraded %t", part, n, got.Degraded)
			}
		}
		if whole == 0 || over == 0 {
			t.Errorf("part %d: %d events, %d alerts over", part, whole, over)
		}
	}
}
