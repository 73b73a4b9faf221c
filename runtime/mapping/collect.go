package mapping

import "runtime/debug"

// CollectLess lets the garbage collector wait until some 32 MiB are in use, until
// the returned func is called. The shipped mappings need a third of that to be read
// and compiled, and a start would else collect five times, which is a fifth of its
// time. Mappings that need far more are collected as soon as ever. It changes the
// whole process, so front doors call it, when they start.
func CollectLess() (restore func()) {
	const limit = 128 << 20
	percent := debug.SetGCPercent(800)
	before := debug.SetMemoryLimit(-1)
	if before > limit {
		debug.SetMemoryLimit(limit)
	}
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(before)
	}
}
