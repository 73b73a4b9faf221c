package plan

import (
	"fmt"
	"testing"
)

// A unit whose values are new in every alert is given up, although it has nothing to forget,
// and after a pause it is tried again: then what comes again is recalled.
func TestUnitsAreGivenUp(t *testing.T) {
	p := compileText(t, "mapping: a\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 1\n  time: =timestamp\n"+
		"  message: =upper(data.a)\n  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n", Options{})
	w := p.NewWorker()
	apply := func(text string) *recall {
		line := fmt.Sprintf(`{"timestamp":1700000000000,"data":{"a":"%s"}}`, text)
		if r := w.Apply(line); r.Outcome != Event {
			t.Fatal(r.Reason)
		}
		for i := range w.recalls {
			if f := w.recalls[i].unit.field; f != nil && f.Name == "message" {
				return &w.recalls[i]
			}
		}
		t.Fatal("message is no unit")
		return nil
	}
	for i := range recallTrial - 1 {
		if m := apply(fmt.Sprint("new ", i)); m.pause > 0 {
			t.Fatalf("given up after %d alerts", i+1)
		}
	}
	m := apply("the last of the trial")
	if m.pause != recallPause {
		t.Fatalf("not given up: %d of %d values were new", m.fresh, m.looked)
	}
	for range recallPause {
		apply("again")
	}
	if m.pause != 0 || m.looked != 0 {
		t.Fatalf("%d alerts of the pause are left", m.pause)
	}
	for range 5 {
		apply("again")
	}
	if m.looked != 5 || m.fresh > 2 || len(m.results) != 1 {
		t.Errorf("%d of %d values were new, and %d results are remembered", m.fresh, m.looked, len(m.results))
	}
}
