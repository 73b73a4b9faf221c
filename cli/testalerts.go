package cli

import (
	"context"
	"os"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// testAlerts gathers the alerts of the tests that stand beside mappings. What
// is wrong with tests is for `sluice test` to say: here they are passed over.
func testAlerts(ctx context.Context, files []engine.File) []string {
	var alerts []string
	for _, f := range files {
		for _, name := range testsBeside(f.Name) {
			src, err := os.ReadFile(name)
			if err != nil {
				continue
			}
			file := &testFile{name: name, src: src}
			tests, _ := syntax.ParseTests(name, src)
			for i := range tests {
				if line, err := file.alert(ctx, &tests[i]); err == nil && line != "" {
					alerts = append(alerts, line)
				}
			}
		}
	}
	return alerts
}
