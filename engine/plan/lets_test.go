package plan

import (
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
