package memory

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"syscall"
)

// largePages is about what the heap of a run comes to.
const largePages = 128 << 20

// LargePages has the heap grow by pages of 2 MiB instead of 4 KiB, as far as the system has such
// pages and a limit of memory leaves space for them. What a run remembers and collects lies
// scattered over some hundred megabytes, and to find where 4 KiB of these are takes the processor
// longer than to read them. It takes a few milliseconds, changes the whole process, and is for front
// doors to call.
func LargePages() {
	if debug.SetMemoryLimit(-1) >= 2*largePages && unused() < largePages/2 {
		enlarge()
	}
}

// enlarge gives the heap space of large pages.
func enlarge() {
	// The runtime asks for nothing of the kind. But memory that it gave out once stays its own, and
	// what was said of it stays true: so all of it is asked for, and not touched. Where the system
	// has no large pages, nothing changes.
	_ = syscall.Madvise(make([]byte, largePages), syscall.MADV_HUGEPAGE)
	runtime.GC()
}

// unused is the memory that the heap has space for, in bytes: much of it, if LargePages was called before.
func unused() uint64 {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(heap)
	return heap[0].Value.Uint64() + heap[1].Value.Uint64()
}
