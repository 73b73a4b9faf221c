package mappings_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// strange are values that no source writes where it usually writes others.
var strange = []any{nil, true, 0, -7, 1e300, "", "-", " ", "x", "0x", "::", "S-1-0-0", strings.Repeat("a", 70_000), "%%1833", `a\\b`,
	[]any{}, []any{"a", nil, 3}, []any{[]any{}, object{"a": "b"}}, object{}, object{"a": object{"b": []any{1}}}, "1.2.3.4:70000", "2026-13-01", "\x00\u2028"}

// Law: whatever a decoder writes into a field of an alert that a sample has, the
// alert becomes a finding that breaks no rule of OCSF, and no leaf is lost. Only what
// every finding requires may reject it.
func TestStrangeValues(t *testing.T) {
	p := shipped(t, "detection_finding")
	strangely(t, rand.New(rand.NewPCG(3, 5)), p.worker, func(line string) { p.add(line) }) // which checks the event
}

// strangely applies the samples with strange values in them, and hands on those that
// become events. Only what every finding requires may reject one.
func strangely(t *testing.T, r *rand.Rand, w *engine.Worker, event func(line string)) {
	t.Helper()
	for _, k := range kinds(t) {
		for range 12 {
			var a object
			if err := json.Unmarshal([]byte(k.text), &a); err != nil {
				t.Fatal(err)
			}
			path := mutate(r, a, "")
			line, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			switch result := w.Apply(string(line)); result.Outcome {
			case engine.Event:
				event(string(line))
			case engine.Reject:
				if !requiredOfFinding(path) {
					t.Errorf("%s with another %s: %s", k.name, path, result.Reason)
				}
			}
		}
	}
}

// mutate puts a strange value somewhere into the object and returns its path.
func mutate(r *rand.Rand, o object, at string) string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	name := names[r.IntN(len(names))]
	path := strings.TrimPrefix(at+"."+name, ".")
	if inner, ok := o[name].(object); ok && len(inner) > 0 && r.IntN(8) > 0 {
		return mutate(r, inner, path)
	}
	o[name] = strange[r.IntN(len(strange))]
	return path
}

// requiredOfFinding reports whether a finding may need the value: its time, its
// id, its title or its severity.
func requiredOfFinding(path string) bool {
	return slices.Contains([]string{"timestamp", "@timestamp", "id", "rule", "rule.id", "rule.level", "rule.description", "data.title",
		"_id", "_source", "event", "event.doc_id", "event.start", "wazuh", "wazuh.rule", "wazuh.rule.title", "wazuh.rule.id", "wazuh.rule.level"},
		strings.TrimPrefix(path, "_source.")) || strings.HasSuffix(path, ".title") || strings.HasSuffix(path, ".rule_title")
}
