package engine_test

import (
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// BenchmarkObservables is the deep mapping over the samples, without observables
// and with one for each attribute that is one. The cost of the second over the
// first is that of `$from: event`.
func BenchmarkObservables(b *testing.B) {
	lines := deepAlerts(b)
	for _, bench := range []struct{ name, observables string }{{"without", ""}, {"with", withObservables}} {
		b.Run(bench.name, func(b *testing.B) {
			w := deepEngine(b, "1.1.0", bench.observables).NewWorker()
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if r := w.Apply(lines[i%len(lines)]); r.Outcome != engine.Event {
					b.Fatal(r.Reason)
				}
			}
		})
	}
}
