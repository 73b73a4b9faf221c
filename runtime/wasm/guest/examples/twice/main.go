//go:build wasip1

// Command twice is the function of the documentation.
package main

import sluice "github.com/sluice-lake/sluice/runtime/wasm/guest/go"

//go:wasmexport twice
func twice(ptr, n uint32) uint64 {
	if x, ok := sluice.Args(ptr, n).At(0).(int64); ok {
		return sluice.Return(2 * x)
	}
	return sluice.Absent
}

func main() {}
