package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

const degradedMapping = `mapping: test/degraded
schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  state_id: 1
  severity_id: 1
  time: =timestamp
  message: =rule.description
  finding: {uid: =id, title: =rule.description}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}, version: 1.1.0}
  unmapped: {$rest: true}
`

func degrading(t *testing.T, o engine.Options, unmapped string) *engine.Worker {
	t.Helper()
	text := strings.Replace(degradedMapping, "{$rest: true}", unmapped, 1)
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	return e.NewWorker()
}

// hostile are alerts that are beyond a limit, each with a text that must be kept.
func hostile() map[string][2]string {
	wrap := func(member string) string {
		return `{"timestamp":1700000000000,"id":"17","rule":{"level":3,"description":"found"},` + member + `,"after":"it"}`
	}
	long := strings.Repeat("k", 5_000)
	members := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	return map[string][2]string{
		"values in a list":         {wrap(`"data":{"list":[` + strings.Repeat("1,", 150_000) + `"secret"]}`), `"secret"]`},
		"values in an object":      {wrap(`"data":{` + members(120_000, `"m%d":"v",`) + `,"last":"secret"}`), `"last":"secret"`},
		"values beside each other": {wrap(members(120_000, `"m%d":"v",`) + `,"last":"secret"`), `secret`},
		"values in alike members":  {wrap(`"data":{` + members(60_000, `"k%d":{"v":[1,"secret"]},`) + `}`), `"secret"]`},
		"depth":                    {wrap(`"data":{"deep":` + strings.Repeat("[", 5_000) + `"secret"` + strings.Repeat("]", 5_000) + `}`), `["secret"]`},
		"depth beyond recursion":   {wrap(`"deep":` + strings.Repeat(`{"a":`, 200_000) + `"secret"` + strings.Repeat("}", 200_000)), `"secret"}`},
		"a long key over a list":   {wrap(`"data":{"` + long + `":[` + strings.Repeat("1,", 5_000) + `"secret"]}`), `"secret"]`},
		"a long key over objects":  {wrap(`"` + long + `":{` + members(5_000, `"m%d":1,`) + `,"x":"secret"}`), `"secret"}`},
		"long keys over lists":     {wrap(members(100, `"`+long+`%d":[`+strings.Repeat("1,", 200)+`"secret"],`)), `"secret"]`},
		"not UTF-8 as well":        {wrap(`"bad":"` + "\xff" + `","data":{"list":[` + strings.Repeat("1,", 150_000) + `"secret"]}`), `"secret"]`},
	}
}

// An alert beyond a limit is taken: its rules apply, the rest is kept, within bounds, and
// it is counted. Only with --strict is it a reject.
func TestAlertsBeyondALimitAreDegraded(t *testing.T) {
	for name, test := range hostile() {
		t.Run(name, func(t *testing.T) {
			w := degrading(t, engine.Options{}, "{$rest: true}")
			for range 2 { // the names are new, then known
				r := w.Apply(test[0])
				if r.Outcome != engine.Event || !r.Degraded {
					t.Fatalf("outcome %s, degraded %t: %s", r.Outcome, r.Degraded, r.Reason)
				}
				event := string(r.Events[0].Event.AppendJSON(nil))
				if name != "values beside each other" && !strings.Contains(event, `"title":"found"`) {
					t.Error("the rules were not applied")
				}
				if !strings.Contains(strings.ReplaceAll(event, `\`, ``), test[1]) {
					t.Errorf("%s is not in the event", test[1])
				}
				if most := 3*len(test[0]) + 16<<20; len(event) > most {
					t.Errorf("a line of %d bytes became an event of %d", len(test[0]), len(event))
				}
			}
			if r := w.Apply(`{"timestamp":1700000000000,"id":"18","rule":{"description":"found"}}`); r.Outcome != engine.Event || r.Degraded {
				t.Errorf("the alert after it: %s, degraded %t", r.Outcome, r.Degraded)
			}
			if r := degrading(t, engine.Options{Strict: true}, "{$rest: true}").Apply(test[0]); r.Outcome != engine.Reject || len(r.Events) > 0 {
				t.Errorf("with --strict: %s", r.Outcome)
			}
		})
	}
}

// Entries of a mapping under `unmapped` are bounded as the rest is.
func TestEntriesOfUnmappedAreBounded(t *testing.T) {
	w := degrading(t, engine.Options{}, "{copy: =data}")
	for name, test := range hostile() {
		r := w.Apply(test[0])
		if !strings.Contains(name, "long key over a list") || r.Outcome != engine.Event {
			continue
		}
		if event := string(r.Events[0].Event.AppendJSON(nil)); !r.Degraded || len(event) > 2<<20 || !strings.Contains(strings.ReplaceAll(event, `\`, ``), test[1]) {
			t.Errorf("%s: an event of %d bytes, degraded %t", name, len(event), r.Degraded)
		}
	}
}

// What is not JSON stays a reject, however large.
func TestLargeLinesThatAreNoJSONAreRejects(t *testing.T) {
	w := degrading(t, engine.Options{}, "{$rest: true}")
	for name, test := range hostile() {
		for _, line := range []string{test[0][:len(test[0])-1], test[0] + "}", strings.Replace(test[0], `,"after"`, `,,"after"`, 1)} {
			if r := w.Apply(line); r.Outcome != engine.Reject {
				t.Errorf("%s: %s", name, r.Outcome)
			}
		}
	}
}
