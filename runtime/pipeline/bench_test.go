package pipeline

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/source"
)

// BenchmarkSmallRuns is one run after another over 100 alerts each, as a function has them.
func BenchmarkSmallRuns(b *testing.B) {
	text, err := mappings.FS.ReadFile("wazuh/security_finding.yaml")
	if err != nil {
		b.Fatal(err)
	}
	lines := []byte(alerts(100, ascending))
	in := source.Input{Name: "alerts", Size: int64(len(lines)), Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(lines)), nil
	}}
	c := Config{Engine: enginetest.Compile(b, engine.Options{}, string(text)), Inputs: []source.Input{in}, Workers: 2, Region: "us-east-1", Account: "external", Out: nowhere{}, Rejects: nowhere{}}
	for _, kind := range []struct {
		name string
		warm *Warm
	}{{"warm", new(Warm)}, {"cold", nil}} {
		b.Run(kind.name, func(b *testing.B) {
			c := c
			c.Warm = kind.warm
			b.ReportAllocs()
			for b.Loop() {
				if result, err := Run(b.Context(), c); err != nil || result.Events == 0 {
					b.Fatal(result.Events, err)
				}
			}
		})
	}
}
