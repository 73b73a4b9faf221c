package mappingtest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
)

const mapping = `mapping: m
schema: 1.1.0
class: security_finding
when: =rule.level > 2
event:
  activity_id: 1
  severity_id: =data.severity
  state_id: 1
  time: =timestamp
  count: =rule.firedtimes
  finding:
    title: =rule.description
    uid: =id
    types: =data.types
  resources:
    - uid: =agent.id
  metadata:
    product: {name: N, vendor_name: V}
  unmapped:
    $rest: true
`

const alert = `{"id":"7","timestamp":"2026-03-14T00:00:00Z","rule":{"level":5,"description":"d"},` +
	`"data":{"severity":3,"types":["a","b"]}}`

func compiled(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// tried runs one test whose expectation is given as YAML.
func tried(t *testing.T, alert, expect string) mappingtest.Result {
	t.Helper()
	file := "- name: x\n  alert: {}\n  expect:\n    " + strings.ReplaceAll(expect, "\n", "\n    ") + "\n"
	tests, faults := syntax.ParseTests("t.yaml", []byte(file))
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, file)
	}
	return mappingtest.Run(compiled(t).NewWorker(), &tests[0], alert)
}

// Each expectation is followed by the differences it must give: path, expected,
// got, line and column, and where the rule is that is told.
func TestJudgement(t *testing.T) {
	for _, c := range []struct {
		alert, expect string
		want          []string
	}{
		{alert, "event: {}", nil},
		{alert, "event: {severity_id: 3, severity: Medium, count: null, finding: {types: [a, b]}, time: 1773446400000}", nil},
		{alert, "event: {severity_id: 3.0, activity_id: 0x1}", nil},
		{alert, "event:\n  severity_id: 4", []string{`severity_id: 4, not 3 at 5:7 by m.yaml:7:16`}},
		{alert, `event: {severity_id: "3"}`, []string{`severity_id: "3", not 3 at 4:13 by m.yaml:7:16`}},
		{alert, "event: {severity: High}", []string{`severity: "High", not "Medium" at 4:13 from severity_id`}},
		{alert, "event: {finding: {types: [a]}}", []string{`finding.types: 1 item, not 2 items: ["a","b"] at 4:23 by m.yaml:14:12`}},
		{alert, "event: {finding: {types: [a, c]}}", []string{`finding.types[1]: "c", not "b" at 4:34 by m.yaml:14:12`}},
		{alert, "event: {finding: {types: a}}", []string{`finding.types: "a", not ["a","b"] at 4:23 by m.yaml:14:12`}},
		{alert, "event: {finding: null}", []string{`finding: nothing, not {"title":"d","types":["a","b"],"uid":"7"} at 4:13 by m.yaml:12:12`}},
		{alert, "event: {count: 1}", []string{`count: 1, not nothing at 4:13 by m.yaml:10:10`}},
		{alert, "event: {resources: [{uid: x}]}", []string{`resources: [{"uid":"x"}], not nothing at 4:13 by m.yaml:16:7`}},
		{alert, "event: {unmapped: {x: y}}", []string{`unmapped.x: "y", not nothing at 4:24`}},
		{alert, "event: {metadata: {product: {name: N}}}\nwhole: true", []string{
			`metadata.product.vendor_name: nothing, not "V" at 4:33 by m.yaml:18:37`,
			`metadata.version: nothing, not "1.1.0" at 4:23 from schema`,
			`activity_id: nothing, not 1 at 4:12 by m.yaml:6:16`}},
		{alert, "reject: .", []string{`: a reject, not an event at 4:13`}},
		{alert, "unmatched: true", []string{`: that no mapping takes the alert, not an event at 3:3`}},
		{alert, "dropped: true", []string{`: that the alert is dropped, not an event at 3:3`}},
		{`{"rule":{"level":1}}`, "unmatched: true", nil},
		{`{"rule":{"level":1}}`, "reject: .", []string{": a reject, not unmatched: the mapping's `when` does not hold at 4:13"}},
		{`{`, "reject: text ends", []string{`: a reject whose reason matches "text ends", not a reject: `}},
		{`{`, "reject: .", nil},
		{`{`, "event: {count: 1}", []string{`: an event, not a reject: `}},
	} {
		r := tried(t, c.alert, c.expect)
		for i, w := range c.want {
			got := ""
			if i < len(r.Differences) {
				got = said(r.Differences[i])
			}
			if !strings.HasPrefix(got, w) {
				t.Errorf("%s:\n%s\nwant %s", c.expect, got, w)
			}
		}
		if whole := strings.Contains(c.expect, "whole"); len(r.Differences) != len(c.want) && !whole || len(r.Differences) < len(c.want) {
			t.Errorf("%s: %d differences: %+v", c.expect, len(r.Differences), r.Differences)
		}
	}
}

func said(d mappingtest.Difference) string {
	s := fmt.Sprintf("%s: %s, not %s at %d:%d", d.Path, d.Expected, d.Got, d.Pos.Line, d.Pos.Col)
	if a := d.Attribute; a != nil && a.Rule != nil {
		s += " by " + a.Rule.Pos.String()
	} else if a != nil {
		s += " from " + strings.Trim(a.Derived, "`")
	}
	return s
}

// Law: what Update writes passes, whole or not.
func TestUpdatePasses(t *testing.T) {
	file := "- name: a\n  alert: {}\n- name: b\n  alert: {}\n  expect: {event: {count: 4, finding: {uid: x, types: [q]}}}\n" +
		"- name: c\n  alert: {}\n  expect:\n    whole: true\n    event:\n      count: 4\n      time: 1\n"
	for _, line := range []string{alert, `{`, `{"rule":{"level":1}}`} {
		src := []byte(file)
		for round := range 2 {
			tests, faults := syntax.ParseTests("t.yaml", src)
			if len(faults) > 0 {
				t.Fatalf("%v\n%s", faults, src)
			}
			var updates []syntax.Update
			for i := range tests {
				r := mappingtest.Run(compiled(t).NewWorker(), &tests[i], line)
				if round == 1 && len(r.Differences) > 0 {
					t.Errorf("%s: still %v\n%s", line, r.Differences, src)
				}
				updates = append(updates, r.Update(i))
			}
			var err error
			if src, err = syntax.UpdateTests(src, updates); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCheckNames(t *testing.T) {
	tests, _ := syntax.ParseTests("t.yaml", []byte("- name: x\n  alert: {}\n  expect:\n    event:\n      severty_id: 1\n"+
		"      finding: {titel: x}\n      attacks: [{tactic: {nam: x}}]\n      unmapped: {anything: x}\n"))
	var got []string
	for _, f := range mappingtest.Check(tests, []*ocsf.Class{compiled(t).Mappings[0].Layout.Class}) {
		got = append(got, f.Error())
	}
	want := []string{
		"t.yaml:5:7: security_finding has no attribute `severty_id`; did you mean `severity_id`?",
		"t.yaml:6:17: finding has no attribute `titel`; did you mean `title`?",
		"t.yaml:7:27: tactic has no attribute `nam`; did you mean `name`?",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCoverage(t *testing.T) {
	e := compiled(t)
	c := mappingtest.NewCoverage(e, func(string) bool { return false })
	w := e.NewWorker()
	c.Add(w.Explain(`{"rule":{"level":1}}`))
	if got := len(c.Unreached()); got != c.Rules() || got != 11 {
		t.Errorf("%d of %d rules are not reached by an alert that no mapping wants", got, c.Rules())
	}
	c.Add(w.Explain(alert))
	var got []string
	for _, r := range c.Unreached() {
		got = append(got, fmt.Sprintf("%d:%d %s %s", r.Pos.Line, r.Pos.Col, r.Attribute, r.Text))
	}
	if diff := cmp.Diff([]string{"10:10 count =rule.firedtimes", "16:12 resources.uid =agent.id"}, got); diff != "" {
		t.Error(diff)
	}
}
