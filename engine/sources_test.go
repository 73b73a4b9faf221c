package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
)

// What a value comes from is told apart from what only decides about it.
func TestSources(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "x.yaml", Text: []byte(`mapping: x/sources
schema: 1.1.0
class: detection_finding
tables:
  words: {low: 1, high: 2}
let:
  kind: =data.kind
  name: =kind.name ?? data.other
  level: "=int(data.level) > 3 ? data.high : nil"
functions:
  ending(path): =split(path, "/")[-1]
parts:
  named(of): {uid: =of.id, name: "=ending(of.path)"}
event:
  activity_id: 1
  severity_id: =tables.words[lower(data.word)] ?? 0
  time: =timestamp
  message: =name
  status: "=rule.level > 5 ? 'Bad' : 'Good'"
  count: =level
  finding_info:
    uid: "=let n = id; n contains 'x' ? n : sha256(line)"
    title: "=join(map(data.parts, # + data.suffix), ', ')"
    types: ["=filter(rule.groups, # != data.not)"]
  resources:
    - $when: =data.host != nil
      type: host
      name: =data.host
    - $each: =data.things as thing
      $part: named(thing)
  metadata: {product: {name: Wazuh, vendor_name: W}}
  unmapped: {$rest: true}
`)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range e.Sources(0) {
		got = append(got, fmt.Sprint(s.Attribute, " ", s.Fields, s.Tables, s.Constants, s.Tests))
	}
	want := []string{
		"activity_id [] [] [1] []",
		"severity_id [data.word] [words] [0] []",
		"time [timestamp] [] [] []",
		"message [data.kind.name data.other] [] [] []",
		"status [] [] [Bad Good] [rule.level]",
		"count [data.high] [] [] [data.level]",
		"finding_info.uid [id] [] [] []",
		"finding_info.title [data.parts data.suffix] [] [] []",
		"finding_info.types [rule.groups] [] [] [data.not]",
		"resources.type [] [] [host] [data.host]",
		"resources.name [data.host] [] [] []",
		"resources.uid [data.things[].id] [] [] []",
		"resources.name [data.things[].path] [] [] []",
		"metadata.product.name [] [] [Wazuh] []",
		"metadata.product.vendor_name [] [] [W] []",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Law: what an alert's event has as it stands in one field comes from that field by
// the sources of the rule.
func TestSourcesHaveWhatIsWritten(t *testing.T) {
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		e := shipped(t, name, engine.Options{})
		sources := map[*engine.Rule]engine.Source{}
		for i := range e.Mappings {
			for _, s := range e.Sources(i) {
				sources[s.Rule] = s
			}
		}
		w, checked := e.NewWorker(), 0
		for _, line := range enginetest.Samples(t) {
			for _, a := range w.Explain(line).Attributes {
				s, ok := sources[a.Rule]
				if !ok || len(a.Value) < 8 || strings.HasPrefix(a.Value, "{") {
					continue
				}
				var same []string
				for _, r := range a.From.Reads {
					if r.Value == a.Value {
						same = append(same, r.Name)
					}
				}
				if len(same) == 0 {
					continue
				}
				checked++
				if !slices.ContainsFunc(same, func(name string) bool {
					return slices.ContainsFunc(s.Fields, func(f string) bool { return f == name || strings.HasPrefix(f, name+"[]") })
				}) {
					t.Errorf("%s: %s is %s, which no source of its rule says: %v", name, a.Path, same, s.Fields)
				}
			}
		}
		if checked < 500 {
			t.Errorf("%s: only %d values were looked at", name, checked)
		}
		w.Close()
	}
}
