package wasm_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// The result of a call does not depend on whether the module can be interrupted,
// whatever instructions it uses.
func TestInterruptChangesNothing(t *testing.T) {
	vector := int64(0x0000000600000001) + 1 + 0x0000000600000001 + 9
	want := alert.From([]any{5050, 100, 300, 20, int(vector), 0x6463626164632121, 8, 7, 2500 - 7 - 1 + 1000000, -123456789011})
	for _, timeout := range []time.Duration{-1, time.Minute} {
		g := guestOf(t, load(t, "instructions", wasm.Config{Functions: []string{"f"}, Timeout: timeout}))
		got, err := g.Call(context.Background(), "f", nil)
		if diff := cmp.Diff(want, got, plain); err != nil || diff != "" {
			t.Errorf("timeout %v: %v\n%s", timeout, err, diff)
		}
	}
}
