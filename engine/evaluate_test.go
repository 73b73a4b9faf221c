package engine_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: an expression that is a let of a mapping has the value that the let has in
// the mapping's own rules, made from the same fields.
func TestAnExpressionSeesWhatRulesSee(t *testing.T) {
	const name = "wazuh/security_finding"
	files, err := mapping.Load([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	w, lines, seen := shipped(t, name, engine.Options{}).NewWorker(), enginetest.Samples(t), 0
	expressions := map[string]*engine.Expression{}
	for _, line := range lines {
		for _, a := range w.Explain(line).Attributes {
			for _, let := range a.From.Lets {
				x := expressions[let.Name]
				if x == nil {
					if x, err = engine.CompileExpression("argument", "="+let.Name, files[0].Parse()[0].Mapping, engine.Options{}); err != nil {
						t.Fatal(err)
					}
					expressions[let.Name] = x
				}
				seen++
				got, err := x.Evaluate(line)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(let.Value+let.Error, got.Value+got.Error); diff != "" {
					t.Fatalf("%s of %s:\n%s", let.Name, line, diff)
				}
			}
		}
	}
	if seen < 100 || len(expressions) < 3 {
		t.Errorf("only %d values of %d lets were compared", seen, len(expressions))
	}
}

// Law: an expression sees an alert beyond a limit as the rules of a run see it.
func TestAnExpressionSeesDegradedAlerts(t *testing.T) {
	x, err := engine.CompileExpression("argument", "=rule.description", nil, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, alert := range hostile() {
		got, err := x.Evaluate(alert[0])
		if err != nil || got.Value != `"found"` || x.Text(alert[0]) != "found" {
			t.Errorf("%s: %+v, %v, and as text %q", name, got, err, x.Text(alert[0]))
		}
	}
	if _, err := x.Evaluate(`{"a":`); err == nil {
		t.Error("a torn alert was taken")
	}
}

// Law: an expression of a mapping with transforms sees the alert as changed by
// those before the rules. Those of the event have no part in it.
func TestAnExpressionSeesTheTransformedAlert(t *testing.T) {
	text := strings.Replace(guestMapping, "EVENT", "reject", 1)
	file := engine.File{Name: "g.yaml", Text: []byte(text)}
	for _, c := range []struct{ alert, expression, value, failed string }{
		{`{"log":"x"}`, "log", `"x"`, ""},
		{`{"log":"secret"}`, "log", `"******"`, ""},
		{`{"log":"drop"}`, "log", "", "a transform of the mapping dropped the alert"},
		{`{"log":"trap"}`, "log", "", "the guest trapped"},
		{`{"arg":[1,"x"]}`, "number(arg)", "1", ""},
		{`{"arg":`, "arg", "", "truncated"},
	} {
		x, err := engine.CompileExpression("argument", c.expression, file.Parse()[0].Mapping, engine.Options{Load: (&testGuest{}).load})
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Evaluate(c.alert)
		switch {
		case c.failed == "" && (err != nil || got.Value != c.value):
			t.Errorf("%s of %s is %q, want %q (%v)", c.expression, c.alert, got.Value, c.value, err)
		case c.failed != "" && (err == nil || !strings.Contains(err.Error(), c.failed)):
			t.Errorf("%s of %s fails with %v, want %q", c.expression, c.alert, err, c.failed)
		}
		x.Close()
	}
}
