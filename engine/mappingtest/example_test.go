package mappingtest_test

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/syntax"
)

func ExampleRun() {
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(mapping)}}, engine.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tests, faults := syntax.ParseTests("m_test.yaml", []byte(`
- name: a login that failed
  alert: {}
  expect:
    event: {severity_id: 4, finding: {title: d}}
`))
	if err := faults.Err(); err != nil {
		fmt.Println(err)
		return
	}
	r := mappingtest.Run(e.NewWorker(), &tests[0], alert)
	for _, d := range r.Differences {
		fmt.Printf("%v: %s: %s expected, got %s by %v\n", d.Pos, d.Path, d.Expected, d.Got, d.Attribute.Rule)
	}
	// Output:
	// m_test.yaml:5:13: severity_id: 4 expected, got 3 by m.yaml:7:16 severity_id
}
