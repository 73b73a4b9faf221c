package mappings_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Law: every sample becomes the event that the mapping promises, column by
// column, as a reader sees it that shares no code with the writer, and that
// event breaks no rule of OCSF.
func TestSamplesBecomeTheEventsThatTheMappingsPromise(t *testing.T) {
	for _, class := range classes {
		for file, lines := range samples(t) {
			t.Run(class+"/"+file, func(t *testing.T) {
				rows := shipped(t, class).through(lines...)
				for i, line := range lines {
					want, ok := oracle(t, class, line)
					if !ok {
						t.Fatalf("line %d: the oracle rejects a sample", i+1)
					}
					if diff := cmp.Diff(want, promised(class, rows[i])); diff != "" {
						t.Errorf("line %d (-promised +read):\n%s", i+1, diff)
					}
				}
			})
		}
	}
}
