//go:build unix

package engine_test

import (
	"syscall"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// BenchmarkObservables is the deep mapping over the samples, without observables
// and with one for each attribute that is one. What the second costs more is the
// cost of `$from: event`.
func BenchmarkObservables(b *testing.B) {
	lines := deepAlerts(b)
	for _, bench := range []struct{ name, observables string }{{"without", ""}, {"with", withObservables}} {
		b.Run(bench.name, func(b *testing.B) {
			w := deepEngine(b, "1.1.0", bench.observables).NewWorker()
			b.ReportAllocs()
			before := processorTime(b)
			for i := 0; b.Loop(); i++ {
				if r := w.Apply(lines[i%len(lines)]); r.Outcome != engine.Event {
					b.Fatal(r.Reason)
				}
			}
			b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// processorTime is what the process has used, in nanoseconds. Unlike the time of the
// clock it does not depend on what else the machine does.
func processorTime(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
