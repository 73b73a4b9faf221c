package mapping

import (
	"runtime"
	"runtime/debug"
)

// CollectLess lets the garbage collector wait until some 32 MiB are in use. The shipped mappings
// need a third of that to be read and compiled, and a start would else collect five times, which
// is a fifth of its time. The returned func ends that: with the next collection, the collector
// works as before, so that a short run has none at all. Mappings that need far more are collected
// as soon as ever. It changes the whole process, so front doors call it, when they start.
func CollectLess() (restore func()) {
	const limit, relaxed = 128 << 20, 800
	percent := debug.SetGCPercent(relaxed)
	before := debug.SetMemoryLimit(-1)
	if before > limit {
		debug.SetMemoryLimit(limit)
	}
	return func() {
		debug.SetMemoryLimit(before)
		if percent != relaxed { // else an earlier call is about to restore it
			runtime.AddCleanup(new(string), func(percent int) { debug.SetGCPercent(percent) }, percent)
		}
	}
}
