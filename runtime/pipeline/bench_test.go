package pipeline

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/source"
)

// discard is a lake.Sink whose objects keep nothing.
type discard struct{}

func (discard) Create(context.Context, string) (lake.Object, error) { return discarded{}, nil }
func (discard) Remove(context.Context, string) error                { return nil }

type discarded struct{}

func (discarded) Write(p []byte) (int, error)          { return len(p), nil }
func (discarded) Close() error                         { return nil }
func (discarded) NameBy(func() (string, error))        {}
func (discarded) Keep()                                {}
func (discarded) Commit(context.Context, string) error { return nil }
func (discarded) Abort() error                         { return nil }

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
	c := Config{Engine: compile(b, string(text)), Inputs: []source.Input{in}, Workers: 2, Region: "us-east-1", Account: "external", Out: discard{}, Rejects: discard{}}
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
