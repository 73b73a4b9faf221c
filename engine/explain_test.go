package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: what a lean engine has given up shows neither in events nor in explanations.
func TestLeanEngineIsTheSame(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for _, name := range []string{"wazuh/detection_finding", "wazuh/by_class"} {
		whole, lean := shipped(t, name, engine.Options{}).NewWorker(), shipped(t, name, engine.Options{Lean: true}).NewWorker()
		for _, line := range enginetest.Samples(t) {
			want, err := json.Marshal(whole.Explain(line))
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(lean.Explain(line))
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s: %v\n%s\nwhole:\n%s", line, err, got, want)
			}
		}
	}
}

// Law: an explanation's outcome and event are those of Apply, and the values of
// its attributes, put back at their paths, are the whole event.
func TestExplanationIsTheEvent(t *testing.T) {
	lines := enginetest.Samples(t)
	for _, name := range mapping.Shipped() {
		e := shipped(t, name, engine.Options{})
		explaining, applying := e.NewWorker(), e.NewWorker()
		for i, line := range lines {
			got, want := explaining.Explain(line), applying.Apply(line)
			if got.Outcome != want.Outcome || got.Reason != want.Reason || got.Where.String() != want.Where.String() {
				t.Fatalf("%s, line %d: explained as %v %q, applied as %v %q", name, i, got.Outcome, got.Reason, want.Outcome, want.Reason)
			}
			if want.Outcome != engine.Event {
				continue
			}
			event := string(want.Events[0].Event.AppendJSON(nil))
			if string(got.Event) != event {
				t.Fatalf("%s, line %d: explaining changed the event:\n%s\n%s", name, i, got.Event, event)
			}
			if diff := cmp.Diff(decoded(t, event), rebuilt(t, got)); diff != "" {
				t.Fatalf("%s, line %d: the attributes are not the event:\n%s", name, i, diff)
			}
		}
	}
}

// Law: where an explanation says that a rule stands, the file has the rule.
func TestExplanationPlaces(t *testing.T) {
	for _, name := range mapping.Shipped() {
		files, err := mapping.Load([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		sources := map[string][]string{}
		for _, f := range files {
			sources[f.Name] = strings.Split(string(f.Text), "\n")
			for name, included := range f.Includes {
				sources[name] = strings.Split(string(included.Text), "\n")
			}
		}
		w, seen := shipped(t, name, engine.Options{}).NewWorker(), 0
		for _, line := range enginetest.Samples(t) {
			for _, a := range w.Explain(line).Attributes {
				if a.Rule == nil || a.Rule.Text == "" {
					continue
				}
				seen++
				first, _, _ := strings.Cut(a.Rule.Text, "\n")
				at := a.Rule.Pos
				if text := string([]rune(sources[at.File][at.Line-1])[at.Col-1:]); !strings.HasPrefix(strings.TrimLeft(text, `"'`), first) {
					t.Fatalf("%s: %s: the file has %q, the rule is %q", a.Path, at, text, first)
				}
			}
		}
		if seen < 1000 {
			t.Errorf("%s: only %d rules were seen", name, seen)
		}
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

var pathStep = regexp.MustCompile(`^([^.\[]+)(?:\[(\d+)\])?(?:\.|$)`)

// rebuilt makes an event of an explanation's attributes.
func rebuilt(t *testing.T, e engine.Explanation) any {
	t.Helper()
	event := map[string]any{}
	unmapped := map[string]any{}
	for _, a := range e.Attributes {
		if a.Value == "" {
			if a.Absent == "" {
				t.Errorf("%s is absent without a reason", a.Path)
			}
			continue
		}
		if key, ok := strings.CutPrefix(a.Path, "unmapped."); ok {
			unmapped[key] = decoded(t, a.Value)
		} else {
			put(t, event, a.Path, decoded(t, a.Value))
		}
	}
	for _, l := range e.Unmapped {
		unmapped[l.Key] = l.Value
	}
	if len(unmapped) > 0 {
		event["unmapped"] = unmapped
	}
	return event
}

func put(t *testing.T, at map[string]any, path string, value any) {
	m := pathStep.FindStringSubmatch(path)
	if m == nil {
		t.Fatalf("%q is not a path", path)
	}
	rest := path[len(m[0]):]
	if m[2] == "" {
		if rest == "" {
			if _, ok := at[m[1]]; ok {
				t.Errorf("%s has two values", path)
			}
			at[m[1]] = value
			return
		}
		inner, ok := at[m[1]].(map[string]any)
		if !ok {
			inner = map[string]any{}
			at[m[1]] = inner
		}
		put(t, inner, rest, value)
		return
	}
	index, _ := strconv.Atoi(m[2])
	list, _ := at[m[1]].([]any)
	for len(list) <= index {
		list = append(list, nil)
	}
	if rest == "" {
		list[index] = value
	} else {
		inner, ok := list[index].(map[string]any)
		if !ok {
			inner = map[string]any{}
			list[index] = inner
		}
		put(t, inner, rest, value)
	}
	at[m[1]] = list
}

const explained = `mapping: t
schema: 1.1.0
class: security_finding
when: =rule.level >= 3
let:
  name: =rule.description ?? "none"
event:
  activity_id: 1
  severity_id: =data.severity
  state_id: 1
  time: =timestamp
  confidence: =data.confidence
  raw_data: =full_log
  status_id: 1
  status: =data.status
  message: =name
  finding:
    title: =name
    uid: =id
    types: [fixed, =data.types]
  process:
    $when: =data.pid != nil
    pid: =data.pid
    name: =data.process
  attacks:
    - $each: =rule.mitre.id
      technique: {uid: =it}
      tactic: {name: =data.tactic}
      version: v13.1
  analytic:
    type_id: 1
    name: =data.analytic
  resources:
    - $each: =data.resources
      uid: =it
  metadata:
    product: {name: N, vendor_name: V}
  unmapped:
    mine: =data.mine
    $rest: true
`

// explainedAs is what is said of the attributes of that mapping.
var explainedAs = map[string]string{
	"severity_id":              `3 (text → integer)`,
	"severity":                 `"Medium" from ` + "`severity_id`",
	"time":                     `1773446400000 (time → milliseconds since 1970)`,
	"confidence":               `"High" (spelled as the class does)`,
	"confidence_id":            "3 from `confidence`",
	"raw_data":                 "- its rule gave the empty text",
	"status":                   `"Success" from ` + "`status_id`",
	"message":                  `"none"`,
	"finding.types[0]":         `"fixed"`,
	"finding.types[1]":         `"a"`,
	"finding.types[]":          "- its rule gave the empty text",
	"process":                  "- its `$when` does not hold",
	"attacks[0].technique.uid": `"T1"`,
	"attacks[0].tactic":        "- none of its rules gave a value",
	"attacks[0].tactic.name":   "- the alert has no `data.tactic`",
	"analytic":                 "- none of its rules gave a value, and constants alone do not keep it",
	"analytic.type_id":         "- left out with `analytic` lost 1",
	"analytic.type":            "- left out with `analytic` lost \"Rule\" from `type_id`",
	"resources[]":              "- `$each` gave no element",
	"metadata.version":         `"1.1.0" from ` + "`schema`",
	"class_uid":                `2001 from the class`,
	"type_uid":                 "200101 from the class and `activity_id`",
	"unmapped.mine":            "- the alert has no `data.mine`",
}

// Law: every attribute that is not there says why, and what was read is told.
func TestExplanationSaysWhy(t *testing.T) {
	e, err := engine.Compile([]engine.File{{Name: "t.yaml", Text: []byte(explained)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := e.NewWorker().Explain(`{"id":"7","timestamp":"2026-03-14T00:00:00Z","full_log":"","rule":{"level":5,"mitre":{"id":["T1"]}},` +
		`"data":{"severity":"3","confidence":"high","status":"wrong","types":["a",""],"other":1}}`)
	if x.Outcome != engine.Event {
		t.Fatal(x.Reason)
	}
	got := map[string]string{}
	for _, a := range x.Attributes {
		line := a.Value
		if a.Absent != "" {
			line = "- " + a.Absent
		}
		if a.Lost != "" {
			line += " lost " + a.Lost
		}
		if a.Conversion != "" {
			line += " (" + a.Conversion + ")"
		}
		got[a.Path] = line
		if a.Derived != "" {
			got[a.Path] += " from " + a.Derived
		}
	}
	for path, line := range explainedAs {
		if got[path] != line {
			t.Errorf("%s: %s\nwant: %s", path, got[path], line)
		}
	}
	readsOf(t, x)
}

func readsOf(t *testing.T, x engine.Explanation) {
	for _, a := range x.Attributes {
		text := fmt.Sprint(a.From)
		switch a.Path {
		case "message":
			if !strings.Contains(text, "{rule.description  false}") || !strings.Contains(text, `{name t.yaml:6:9 =rule.description ?? "none" "none" }`) {
				t.Errorf("message was made from %s", text)
			}
		case "attacks[0].technique.uid":
			if !strings.Contains(text, `{rule.mitre.id ["T1"] false}`) || a.From.Elements[0] != (engine.Element{Name: "it", Value: `"T1"`}) {
				t.Errorf("the technique was made from %s", text)
			}
		}
	}
	if w := x.Asked[0].When; w == nil || !w.Holds || w.From.Reads[0] != (engine.Read{Name: "rule.level", Value: "5"}) {
		t.Errorf("when was answered by %+v", w)
	}
	want := []engine.Leftover{{Key: "data.other", Value: "1"}, {Key: "rule.level", Value: "5"}, {Key: "data.status", Value: "wrong", Attribute: "status"}}
	if diff := cmp.Diff(want, x.Unmapped); diff != "" {
		t.Error(diff)
	}
}

// Law: explaining leaves nothing behind: what follows is as cheap as if it had
// never been.
func TestApplyAfterExplain(t *testing.T) {
	e, line := shipped(t, "wazuh/security_finding", engine.Options{}), enginetest.Samples(t)[0]
	cost := func(w *engine.Worker) float64 {
		w.Apply(line)
		return testing.AllocsPerRun(100, func() { w.Apply(line) })
	}
	fresh, used := e.NewWorker(), e.NewWorker()
	used.Explain(line)
	if a, b := cost(fresh), cost(used); a != b {
		t.Errorf("%v allocations for an alert, %v after an explanation", a, b)
	}
}

// Law: whatever the line, explaining it gives the outcome and the event of
// Apply, every attribute has a value or a reason, and the values are the event.
func FuzzExplain(f *testing.F) {
	f.Add(`{"id":"7","timestamp":"2026-03-14T00:00:00Z","rule":{"level":5,"description":"d","mitre":{"id":["T1","T2"]}},"data":{"severity":3}}`)
	f.Add(`{"id":7,"timestamp":1773446400,"rule":{"level":"9","mitre":{"id":"T1"}},"data":{"severity":"99","pid":"x","process":"p","types":[1,[2],{"a":1}],"resources":["a",null,"b"],"mine":{"a":[1]}}}`)
	f.Add(`{"timestamp":"2026-03-14","data":{"severity":1,"status":"Success","analytic":"a","confidence":true}}`)
	e, err := engine.Compile([]engine.File{{Name: "t.yaml", Text: []byte(explained)}}, engine.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, want := e.NewWorker().Explain(line), e.NewWorker().Apply(line)
		if got.Outcome != want.Outcome || got.Reason != want.Reason || got.Where.String() != want.Where.String() {
			t.Fatalf("explained as %v %q, applied as %v %q", got.Outcome, got.Reason, want.Outcome, want.Reason)
		}
		if want.Outcome != engine.Event {
			return
		}
		event := string(want.Events[0].Event.AppendJSON(nil))
		if string(got.Event) != event {
			t.Fatalf("explaining changed the event:\n%s\n%s", got.Event, event)
		}
		if diff := cmp.Diff(decoded(t, event), rebuilt(t, got)); diff != "" {
			t.Fatalf("the attributes are not the event:\n%s", diff)
		}
	})
}
