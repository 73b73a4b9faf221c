package mappingtest_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// setOf compiles the mapping with `also` and another behind it, whose title is
// another, and one that drops alerts of level 9.
func setOf(t *testing.T) *engine.Engine {
	t.Helper()
	second := strings.NewReplacer("mapping: m", "mapping: n", "title: =rule.description", "title: second").Replace(mapping)
	e, err := engine.Compile([]engine.File{
		{Name: "a.yaml", Text: []byte("mapping: a\ndrop: true\nwhen: =rule.level == 9\n")},
		{Name: "m.yaml", Text: []byte(strings.Replace(mapping, "event:", "also: true\nevent:", 1))},
		{Name: "n.yaml", Text: []byte(second)},
	}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Law: of a set that gives several events for an alert, one must be as expected,
// and the rules behind each of them count as reached.
func TestTestsOfASet(t *testing.T) {
	e := setOf(t)
	w := e.NewWorker()
	for _, c := range []struct{ alert, expect, want string }{
		{alert, "{event: {finding: {title: d}}}", ""},
		{alert, "{event: {finding: {title: second}}}", ""},
		{alert, "{event: {finding: {title: third}}}", `finding.title: "third", not "d" at 3:30 by m.yaml:13:12`},
		{alert, "{events: [{finding: {title: d}}, {finding: {title: second}}]}", ""},
		{alert, "{events: [{finding: {title: second}}, {finding: {title: d}}]}", `finding.title: "second", not "d" at 3:32 by m.yaml:13:12; finding.title: "d", not "second" at 3:60 by n.yaml:12:12`},
		{alert, "{events: [{finding: {title: d}}]}", ": 1 event, not 2 events at 3:3"},
		{`{"rule":{"level":9}}`, "{events: [{finding: {title: d}}]}", ": 1 event, not the alert is dropped at 3:3"},
		{alert, "{dropped: true}", ": that the alert is dropped, not an event at 3:3"},
		{`{"rule":{"level":9}}`, "{dropped: true}", ""},
		{`{"rule":{"level":9}}`, "{unmatched: true}", ": that no mapping takes the alert, not the alert is dropped at 3:3"},
	} {
		tests, faults := syntax.ParseTests("t.yaml", []byte("- name: x\n  alert: {}\n  expect: "+c.expect+"\n"))
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		r := mappingtest.Run(w, &tests[0], c.alert)
		var lines []string
		for _, d := range r.Differences {
			lines = append(lines, said(d))
		}
		if got := strings.Join(lines, "; "); got != c.want {
			t.Errorf("%s: %s, want %s", c.expect, got, c.want)
		}
	}
	coverage := mappingtest.NewCoverage(e, func(string) bool { return false })
	coverage.Add(w.Explain(alert))
	if n := len(coverage.Unreached()); coverage.Rules() != 22 || n != 4 {
		t.Errorf("%d of %d rules are not reached", n, coverage.Rules())
	}
}
