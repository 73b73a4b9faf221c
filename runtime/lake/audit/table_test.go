package audit

import (
	"slices"
	"testing"

	"github.com/sluice-lake/sluice/runtime/table/verify"
)

// Faults of several classes come in the order of the keys, each time.
func TestClassesAreReportedInTheOrderOfTheKeys(t *testing.T) {
	classes := map[int64]string{3002: "a", 2004: "b", 3001: "c", 4001: "d", 1007: "e", 6003: "f"}
	for range 20 {
		var keys []string
		a := &audit{Config: Config{Found: func(f *verify.Fault) error {
			keys = append(keys, f.Object)
			return nil
		}}}
		if err := a.oneClass(&table{classes: classes}); err != nil || !slices.Equal(keys, []string{"b", "c", "d", "e", "f"}) {
			t.Fatalf("%v, %v", keys, err)
		}
	}
}
