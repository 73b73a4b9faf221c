package mapping

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// CollectLess lets the garbage collector wait until some 32 MiB are in use. The shipped mappings
// need a third of that to be read and compiled, and a start would else collect five times, which
// is a fifth of its time. The returned func ends that: with the next collection, the collector
// works as before, so that a short run has none at all. Mappings that need far more are collected
// as soon as ever. It changes the whole process, so front doors call it, when they start.
func CollectLess() (restore func()) {
	const limit, relaxed, small = 128 << 20, 800, 48 << 20
	percent := debug.SetGCPercent(relaxed)
	before := debug.SetMemoryLimit(-1)
	if before > limit {
		debug.SetMemoryLimit(limit)
	}
	return func() {
		debug.SetMemoryLimit(before)
		goal := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
		metrics.Read(goal)
		switch {
		case percent == relaxed: // an earlier call is about to restore it
		case goal[0].Value.Uint64() > small:
			debug.SetGCPercent(percent)
		default:
			runtime.AddCleanup(new(string), func(percent int) { debug.SetGCPercent(percent) }, percent)
		}
	}
}
