package engine_test

import (
	"fmt"
	"os"

	"github.com/sluice-lake/sluice/engine"
)

// A mapping becomes an Engine, which goroutines share; each has a Worker of its
// own that turns alerts into events.
func ExampleCompile() {
	const mapping = `
mapping: acme/finding
schema: 1.1.0
class: detection_finding
event:
  activity_id: 1
  severity_id: "=rule.level > 7 ? 4 : 2"
  time: =timestamp
  finding_info: {uid: =id, title: =rule.description}
  metadata: {product: {name: Wazuh, vendor_name: "Wazuh, Inc."}}
  unmapped: {$rest: true}
`
	e, err := engine.Compile([]engine.File{{Name: "finding.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		fmt.Println(err) // every fault of every file, each with its place
		return
	}
	w := e.NewWorker()
	defer w.Close()
	for _, line := range []string{
		`{"id":"7.1","timestamp":"2026-03-14T06:00:00Z","rule":{"level":10,"description":"Brute force"},"data":{"srcip":"192.0.2.7"}}`,
		`{"id":"7.2","rule":{"level":3,"description":"No time"}}`,
	} {
		switch r := w.Apply(line); r.Outcome {
		case engine.Event:
			for _, m := range r.Events {
				os.Stdout.Write(append(m.Event.AppendJSON(nil), '\n'))
			}
		case engine.Reject:
			fmt.Printf("%v: %s\n", r.Where, r.Reason)
		}
	}
	// Output:
	// {"activity_id":1,"activity_name":"Create","category_name":"Findings","category_uid":2,"class_name":"Detection Finding","class_uid":2004,"finding_info":{"title":"Brute force","uid":"7.1"},"metadata":{"product":{"name":"Wazuh","vendor_name":"Wazuh, Inc."},"version":"1.1.0"},"severity":"High","severity_id":4,"time":1773468000000,"type_name":"Detection Finding: Create","type_uid":200401,"unmapped":{"data.srcip":"192.0.2.7","rule.level":"10"}}
	// finding.yaml:8:9 time: the class requires `time`, and its rule gave nothing for this alert
}
