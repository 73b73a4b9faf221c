package mappings_test

import (
	"cmp"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
)

// Law: every sample becomes the Detection Finding that is expected of
// it: each fact of expect.ndjson is in the event, and no rule of OCSF is broken.
func TestFindingsAreAsExpected(t *testing.T) {
	lines := sampleLines(t)
	p := shipped(t, "detection_finding")
	facts := 0
	for _, e := range expectations(t) {
		event := p.event(lines[e.Sample])
		for path, want := range e.Finding {
			facts++
			if got := allAt(event, path); !contains(got, want) {
				t.Errorf("%s (%s): %s is %v, want %v", e.Sample, e.Kind, path, got, want)
			}
		}
	}
	if facts < 300 {
		t.Errorf("only %d facts were looked at", facts)
	}
}

// event is the event of a line, as JSON has it.
func (p *pipe) event(line string) object {
	p.t.Helper()
	if reason := p.add(line); reason != "" {
		p.t.Fatalf("%s\nfor %.300s", reason, line)
	}
	var event object
	if err := json.Unmarshal(p.worker.Apply(line).Events[0].Event.AppendJSON(nil), &event); err != nil {
		p.t.Fatal(err)
	}
	return event
}

// allAt is what is at a path in which [] stands for every item of a list.
func allAt(v any, path string) []any {
	if path == "" {
		return []any{v}
	}
	step, rest, _ := strings.Cut(path, ".")
	step, each := strings.CutSuffix(step, "[]")
	inner, ok := v.(object)[step]
	if !ok {
		return nil
	}
	if !each {
		return allAt(inner, rest)
	}
	var all []any
	for _, item := range inner.([]any) {
		all = append(all, allAt(item, rest)...)
	}
	return all
}

func contains(values []any, want any) bool {
	for _, v := range values {
		if v == want {
			return true
		}
	}
	return false
}

// leastCoverage is the share of the leaves of data, syscheck and rule that must
// reach an attribute: over all samples, and over those of every source. OCSF 1.1.0
// has no place for the rest, such as rule.firedtimes and what the event log writes
// about itself.
const leastCoverage, leastOfSource = 0.85, 0.75

// Law: of what decoders and rules add to an alert, most reaches an attribute, and
// nothing is lost.
func TestCoverage(t *testing.T) {
	for _, name := range []string{"detection_finding", "by_class"} {
		t.Run(name, func(t *testing.T) { coverage(t, compiled(t, "wazuh/"+name).worker) })
	}
}

func coverage(t *testing.T, worker *engine.Worker) {
	written, all := map[string]int{}, map[string]int{}
	count := func(source, line string) {
		r := worker.Apply(line)
		if r.Outcome != engine.Event {
			t.Fatalf("%s: %s", r.Reason, line)
		}
		worker.Leaves(&r, func(v *alert.Visit, f engine.Fate) {
			top := v.Steps[0].Name
			switch {
			case f == engine.Lost:
				t.Errorf("%v is lost of %.300s", v.Steps, line)
			case f == engine.Empty, top != "data" && top != "syscheck" && top != "rule", top == "rule" && v.Steps[1].Name == "mail":
			default:
				all[source]++
				all["all"]++
				if f == engine.Written {
					written[source]++
					written["all"]++
				}
			}
		})
	}
	for file, lines := range samples(t) {
		if file == "odd.ndjson" || file == "long.ndjson" {
			continue // no source has such alerts
		}
		for _, line := range lines {
			var a struct {
				Data struct {
					Integration string `json:"integration"`
				} `json:"data"`
				Decoder struct {
					Name string `json:"name"`
				} `json:"decoder"`
			}
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			count(cmp.Or(a.Data.Integration, a.Decoder.Name, "none"), line)
		}
	}
	for source, n := range all {
		share, least := float64(written[source])/float64(n), leastOfSource
		if source == "all" {
			least = leastCoverage
		}
		if share < least {
			t.Errorf("%s: %.1f %% of %d leaves reach an attribute, want %.0f %%", source, 100*share, n, 100*least)
		}
	}
}
