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
