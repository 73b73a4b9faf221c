//go:build wasip1

// Command risk is the same score as risk.c, in Go.
package main

import (
	"errors"
	"strings"

	sluice "github.com/sluice-lake/sluice/runtime/wasm/guest/go"
)

var weights map[string]any

func init() {
	sluice.Configure(func(config any) error {
		all, _ := config.(map[string]any)
		var ok bool
		if weights, ok = all["weights"].(map[string]any); !ok && all["weights"] != nil {
			return errors.New("weights must be an object of prefixes and numbers")
		}
		return nil
	})
}

func weight(address string) int64 {
	longest, found := 0, int64(0)
	for prefix, v := range weights {
		if n, ok := v.(int64); ok && len(prefix) >= longest && strings.HasPrefix(address, prefix) {
			longest, found = len(prefix), n
		}
	}
	return found
}

//go:wasmexport risk
func risk(ptr, n uint32) uint64 {
	args := sluice.Args(ptr, n)
	level, ok := sluice.Number(args.At(1))
	if !ok {
		return sluice.Absent
	}
	if level < 0 {
		sluice.Refuse("a level below zero")
	}
	score := int64(min(level, 15) * 100 / 15)
	if address, ok := args.At(0).(string); ok {
		score += weight(address)
	}
	return sluice.Return(min(max(score, 0), 100))
}

func main() {}
