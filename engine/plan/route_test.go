package plan

import (
	"fmt"
	"testing"
)

// A route has the rules that read something of the alert and those that may give something
// without it, and no others; an alert with the same values takes the same route.
func TestRoutes(t *testing.T) {
	p := compileText(t, `mapping: a
schema: 1.1.0
class: detection_finding
let:
  named: =data.b ?? data.c
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  message: =data.a
  comment: =named
  status: "=data.d ?? 'none'"
  count: "=1 % len(data.d ?? '')"
  finding_info: {uid: =id, title: t, product_uid: =data.e, analytic: {type_id: 1, name: =data.f}}
  metadata: {product: {name: n, vendor_name: v}}
  resources:
    - $when: =data.g != nil
      name: =data.a
    - $when: =data.g == nil
      name: =data.a
`, Options{})
	w := p.NewWorker()
	fields := func(line string) string {
		if r := w.Apply(line); r.Outcome != Event {
			t.Fatalf("%s: %s", line, r.Reason)
		}
		var names []string
		for _, st := range w.route.stops {
			if s := &p.steps[st.pc]; s.target != nil && s.op != opConstant {
				names = append(names, s.target.Attribute)
			}
		}
		return fmt.Sprint(names)
	}
	for _, test := range []struct{ line, want string }{
		{`{"timestamp":1700000000000,"id":"1"}`, "[time status count finding_info finding_info.uid metadata metadata.product]"},
		{`{"timestamp":1700000000000,"id":"1","data":{"c":1,"other":2}}`, "[time comment status count finding_info finding_info.uid metadata metadata.product]"},
		{`{"timestamp":1700000000000,"id":"1","data":{"a":1}}`, "[time message status count finding_info finding_info.uid metadata metadata.product resources resources.name]"},
		{`{"timestamp":1700000000000,"id":"1","data":{"f":1,"g":1}}`, "[time status count finding_info finding_info.uid finding_info.analytic finding_info.analytic.name metadata metadata.product resources resources]"},
	} {
		for range 3 {
			if got := fields(test.line); got != test.want {
				t.Errorf("%s takes %s, want %s", test.line, got, test.want)
			}
		}
	}
	if len(w.routes.all) != 4 {
		t.Errorf("%d routes for 4 sets of values", len(w.routes.all))
	}
}

// The routes of one Worker are bounded, whatever the alerts have.
func TestRoutesAreBounded(t *testing.T) {
	const names = 12
	rules := ""
	for i := range names {
		rules += fmt.Sprintf("    - {name: =data.a%d, type: =data.b}\n", i)
	}
	p := compileText(t, "mapping: a\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n"+
		"  finding_info: {uid: =id, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n  resources:\n"+rules, Options{})
	w := p.NewWorker()
	most := 0
	for set := range 1 << names {
		line := `{"timestamp":1700000000000,"id":"1","data":{"b":"x"`
		for i := range names {
			if set>>i&1 != 0 {
				line += fmt.Sprintf(`,"a%d":"y"`, i)
			}
		}
		if r := w.Apply(line + "}}"); r.Outcome != Event {
			t.Fatal(r.Reason)
		}
		most = max(most, len(w.routes.all))
		if len(w.routes.all) > mostRoutes || len(w.recalls) > len(w.routes.variants)+1 {
			t.Fatalf("%d routes and %d recalls of %d variants after %d alerts", len(w.routes.all), len(w.recalls), len(w.routes.variants), set)
		}
	}
	if most != mostRoutes {
		t.Errorf("at most %d routes: the alerts did not reach the bound", most)
	}
}
