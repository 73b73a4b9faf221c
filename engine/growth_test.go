package engine_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
)

// growing are rules that make far more of an alert with a long list than it has.
func growing() map[string]string {
	many := func(n int, line string) string { return strings.Repeat(line, n) }
	return map[string]string{
		"a list in each of its items":        "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      data: =data.list\n",
		"the line in each item":              "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      data: =line\n",
		"a long text in each item":           "  resources:\n    - $each: =data.list as outer\n      name: =data.long\n",
		"a long constant in each item":       "  resources:\n    - $each: =data.list as outer\n      uid: =outer.name\n      name: " + many(60_000, "n") + "\n",
		"texts of each item, joined":         "  resources:\n    - $each: =data.list as outer\n      name: \"=join(map(data.list, #.name), outer.name)\"\n",
		"a list of all in each item":         "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: \"=map(data.list, #.name)\"\n",
		"each in each":                       "  evidences:\n    - file: {name: n, type_id: 1}\n      $each: =data.list as outer\n      process:\n        name: =outer.name\n        pid: 1\n  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: =data.names\n",
		"the list in many items":             "  enrichments:\n" + many(3000, "    - {name: n, value: v, data: =data}\n"),
		"the list under many names":          "  unmapped:\n" + numberedLines(3000, "    k%d: =data\n") + "    $rest: true\n",
		"the list in one list, many times":   "  resources:\n    - name: n\n      labels: [" + strings.TrimSuffix(many(3000, "=data.names, "), ", ") + "]\n",
		"many rules for each item, and none": "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: [" + strings.TrimSuffix(many(3000, "=outer.nothing, "), ", ") + "]\n",
	}
}

func numberedLines(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// growingAlert has a list of so many elements, a text that is ten times as long, and
// values around them.
func growingAlert(elements int) string {
	var list, names strings.Builder
	for i := range elements {
		fmt.Fprintf(&list, `,{"name":"%06d"}`, i)
		fmt.Fprintf(&names, `,"%06d"`, i)
	}
	return fmt.Sprintf(`{"timestamp":1700000000000,"id":"17","rule":{"level":3,"description":"found"},"data":{"list":[%s],"names":[%s],"long":%q},"after":"it"}`,
		list.String()[1:], names.String()[1:], strings.Repeat("l", 10*elements))
}

// Law: rules make no more of an alert than a bound that follows from its length. What is
// beyond is left out, kept under `unmapped`, and counted; what else there is in the event
// stays, whatever order the rules have; and workers that recall what rules gave do the same.
func TestEventsAreBoundedByTheirAlerts(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for name, rules := range growing() {
		t.Run(name, func(t *testing.T) {
			mapping := strings.NewReplacer("security_finding", "detection_finding", "state_id: 1", "raw_data: =rule.level", "finding:", "finding_info:",
				"  unmapped: {$rest: true}\n", rules).Replace(degradedMapping)
			if !strings.Contains(mapping, "unmapped:") {
				mapping += "  unmapped: {$rest: true}\n"
			}
			compile := func(o engine.Options) *engine.Worker {
				e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, o)
				if err != nil {
					t.Fatal(err)
				}
				return e.NewWorker()
			}
			quick, plain, strict := compile(engine.Options{}), compile(engine.Options{Plain: true}), compile(engine.Options{Strict: true})
			line := growingAlert(2500)
			for range 2 { // new values, then known ones
				r := quick.Apply(line)
				if r.Outcome != engine.Event || !r.Degraded {
					t.Fatalf("outcome %s, degraded %t: %s", r.Outcome, r.Degraded, r.Reason)
				}
				event := string(r.Events[0].Event.AppendJSON(nil))
				if most := 2 * (8<<20 + 16*len(line)); len(event) > most {
					t.Errorf("a line of %d bytes became an event of %d", len(line), len(event))
				}
				for _, want := range []string{`"title":"found"`, `"message":"found"`, `"after":"it"`, "002499"} {
					if !strings.Contains(event, want) {
						t.Errorf("%s is not in the event", want)
					}
				}
				p := plain.Apply(line)
				if diff := gocmp.Diff(string(p.Events[0].Event.AppendJSON(nil)), event); diff != "" || !p.Degraded {
					t.Errorf("the plain path (-) and the quick one (+) differ: %.500s", diff)
				}
			}
			if diff := gocmp.Diff(plain.Conversions(), quick.Conversions()); diff != "" {
				t.Errorf("failed conversions of the plain path (-) and the quick one (+): %s", diff)
			}
			if r := quick.Apply(growingAlert(3)); r.Outcome != engine.Event || r.Degraded {
				t.Errorf("a short alert after it: %s, degraded %t", r.Outcome, r.Degraded)
			}
			if r := strict.Apply(line); r.Outcome != engine.Reject || !strings.Contains(r.Reason, "copy less") {
				t.Errorf("with --strict: %s, %s", r.Outcome, r.Reason)
			}
		})
	}
}

// An alert that is long work is given up when the run has ended, and leaves nothing
// behind for the next one.
func TestAnAlertIsGivenUp(t *testing.T) {
	costly := strings.Repeat(`"=string(any([1,2,3,4,5,6,7,8,9,10], # == len(outer.name) + 7 and # > 100))", `, 100)
	for name, rules := range map[string]string{
		"in a list":         "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: [" + strings.TrimSuffix(costly, ", ") + "]\n",
		"beside each other": "  unmapped:\n" + numberedLines(2000, "    k%[1]d: \"=string(%[1]d) + string(count(data.list, #.name contains 'x' and #.name == data.long))\"\n"),
	} {
		mapping := strings.Replace(degradedMapping, "  unmapped: {$rest: true}\n", rules, 1)
		e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w, line := e.NewWorker(), growingAlert(5000)
		begun := time.Now()
		w.Apply(line)
		whole := time.Since(begun)
		var ended atomic.Bool
		w.StopBy(&ended)
		time.AfterFunc(whole/10, func() { ended.Store(true) })
		begun = time.Now()
		w.Apply(line)
		if took := time.Since(begun); took > whole/2 {
			t.Errorf("%s: an alert of %s takes %s when it is given up after %s", name, whole, took, whole/10)
		}
		ended.Store(false)
		if r := w.Apply(growingAlert(2)); r.Outcome != engine.Event || r.Degraded {
			t.Errorf("%s: an alert after it: %s, %s", name, r.Outcome, r.Reason)
		}
	}
}
