package alert

import (
	"fmt"
	"strings"
	"testing"
)

// Keys that are remembered are those that come, and their number has a bound.
func TestNames(t *testing.T) {
	var n names
	for i := range 3 * mostNames {
		for _, key := range []string{fmt.Sprintf("data.%d", i), fmt.Sprintf("data.%d", i%7), strings.Repeat("k", longestName+1)} {
			if got := n.of([]byte(key)); got != key {
				t.Fatalf("%q instead of %q", got, key)
			}
		}
		if len(n) > mostNames {
			t.Fatalf("%d keys are remembered, at most %d", len(n), mostNames)
		}
	}
	key := []byte("data.0")
	if allocations := testing.AllocsPerRun(100, func() { n.of(key) }); allocations != 0 {
		t.Errorf("%v allocations for a key that is known", allocations)
	}
}
