package mappings_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
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

// strangely applies the samples with something strange in them, and hands on those that
// become events, of which no leaf may be lost. Only what every finding requires may
// reject one, and only one that has no rule any more may be unmatched.
func strangely(t *testing.T, r *rand.Rand, w *engine.Worker, event func(line string)) {
	t.Helper()
	for _, k := range kinds(t) {
		for range 16 {
			var a object
			if err := json.Unmarshal([]byte(k.text), &a); err != nil {
				t.Fatal(err)
			}
			path := mutate(r, a, "")
			line, err := json.Marshal(a)
			if err != nil {
				t.Fatal(err)
			}
			result := w.Apply(string(line))
			if result.Outcome == engine.Event {
				loseNothing(t, w, &result, k.name+" with another "+path)
				event(string(line))
			} else if !requiredOfFinding(path) || result.Outcome != engine.Reject && !isOfRule(path) {
				t.Errorf("%s with another %s: %v: %s", k.name, path, result.Outcome, result.Reason)
			}
		}
	}
}

// loseNothing fails for each leaf of an alert that reached neither an attribute nor unmapped.
func loseNothing(t *testing.T, w *engine.Worker, result *engine.Result, name string) {
	t.Helper()
	w.Leaves(result, func(v *alert.Visit, f engine.Fate) {
		if f == engine.Lost {
			t.Errorf("%s: %v is lost", name, v.Steps)
		}
	})
}

// mutate changes something in the object and returns its path.
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
	changes[r.IntN(len(changes))](r, o, name)
	return path
}

// changes are what other versions of Wazuh, other decoders and bad luck make of a member.
var changes = []func(r *rand.Rand, o object, name string){
	func(r *rand.Rand, o object, name string) { o[name] = strange[r.IntN(len(strange))] },
	func(r *rand.Rand, o object, name string) { o[name] = strange[r.IntN(len(strange))] },
	func(_ *rand.Rand, o object, name string) { delete(o, name) },
	func(_ *rand.Rand, o object, name string) { o[name] = []any{o[name]} },
	func(_ *rand.Rand, o object, name string) { o[name] = object{name: o[name]} },
	func(_ *rand.Rand, o object, name string) { o[name] = retyped(o[name]) },
	func(_ *rand.Rand, o object, name string) { rename(o, name, strings.ToUpper(name)) },
	func(_ *rand.Rand, o object, name string) { rename(o, name, strings.Repeat(name, 2000)) },
	func(_ *rand.Rand, o object, name string) {
		for range 40 {
			o[name] = object{"a": o[name]}
		}
	},
}

func rename(o object, name, other string) {
	v := o[name]
	delete(o, name)
	o[other] = v
}

// retyped is the value in the other spelling: numbers and lists as text, texts as numbers.
func retyped(v any) any {
	switch x := v.(type) {
	case string:
		if n, err := strconv.ParseFloat(x, 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
			return n
		}
		return []any{x, x}
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	default:
		text, _ := json.Marshal(x)
		return string(text)
	}
}

// isOfRule reports whether an alert without the member may have no rule of Wazuh's, so
// that it is none.
func isOfRule(path string) bool {
	path = strings.TrimPrefix(path, "_source.")
	return path == "_source" || path == "rule" || strings.HasPrefix(path, "rule.") || path == "wazuh" || strings.HasPrefix(path, "wazuh.rule")
}

// requiredOfFinding reports whether a finding may need the value: its time, its
// id, its title or its severity.
func requiredOfFinding(path string) bool {
	return slices.Contains([]string{"timestamp", "@timestamp", "id", "rule", "rule.id", "rule.level", "rule.description", "data.title",
		"_id", "_source", "event", "event.doc_id", "event.start", "wazuh", "wazuh.rule", "wazuh.rule.title", "wazuh.rule.id", "wazuh.rule.level"},
		strings.TrimPrefix(path, "_source.")) || strings.HasSuffix(path, ".title") || strings.HasSuffix(path, ".rule_title")
}
