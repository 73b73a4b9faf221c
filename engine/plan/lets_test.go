package plan

import (
	"maps"
	"slices"
	"testing"
)

// A plan keeps the programs of the lets that rules use, by way of others too, and not
// those that shared files define for other mappings.
func TestNeededLets(t *testing.T) {
	p := compileText(t, `mapping: a
schema: 1.1.0
class: detection_finding
when: =gate
let:
  unused: =data.a + 'x'
  inner: =data.b + 'x'
  outer: =inner + 'y'
  gate: =data.c != nil
  of_unused: =unused + 'z'
  constant: 7
functions:
  f(x): =x + outer
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: =f(data.d)
  count: =constant
  finding_info: {uid: =id, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`, Options{})
	var kept []string
	for _, l := range p.lets {
		if l.program != nil {
			kept = append(kept, l.name)
		}
	}
	if want := []string{"inner", "outer", "gate"}; !slices.Equal(kept, want) {
		t.Errorf("the plan keeps the programs of %q, want %q", kept, want)
	}
}

// An explanation has the lets that rules use, also those that stand for paths, which rules read
// themselves.
func TestExplanationHasLetsOfPaths(t *testing.T) {
	p := compileText(t, `mapping: a
schema: 1.1.0
class: detection_finding
let:
  here: =data.a
  either: =data.x ?? data.b
  made: =here + 'y'
  other: =data.c
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: =lower(made ?? either)
  finding_info: {uid: =id, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`, Options{})
	w, line := p.NewWorker(), `{"id": "1", "timestamp": "2024-04-22T14:20:46Z", "data": {"a": "A", "b": "B", "c": "C"}}`
	_, e := w.Explain(func() Result { return w.Apply(line) })
	for _, a := range e.Attributes {
		if a.Path != "message" {
			continue
		}
		got := map[string]string{}
		for _, l := range a.From.Lets {
			got[l.Name] = l.Value
		}
		if want := map[string]string{"either": `"B"`, "here": `"A"`, "made": `"Ay"`}; !maps.Equal(got, want) {
			t.Errorf("message is explained by %v, want %v", got, want)
		}
		return
	}
	t.Error("message is not explained")
}

// A set of wanted values has those that were added.
func TestUses(t *testing.T) {
	var p program
	want := []int{0, 31, 32, 63, 64, 100, 200}
	for _, i := range want {
		p.uses(i)
		p.uses(i)
	}
	var got []int
	for _, s := range p.used {
		for i := range 64 {
			if s.set>>i&1 != 0 {
				got = append(got, 64*s.at+i)
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the set has %v, want %v", got, want)
	}
}
