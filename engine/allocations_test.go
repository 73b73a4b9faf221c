package engine_test

import (
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// The shipped mappings allocate nothing for alerts such as were seen before. Until all is
// remembered of all samples takes some rounds, because two of them may compete for a place.
// Package regexp allocates the positions of a match, and strconv the error of a number that is
// too large: the deep mapping has one of each in all.
func TestAllocations(t *testing.T) {
	lines := samples(t)
	for name, most := range map[string]float64{"security_finding": 0, "detection_finding": 2} {
		w := shipped(t, "wazuh/"+name, engine.Options{}).NewWorker()
		all := func() {
			for _, l := range lines {
				if r := w.Apply(l); r.Outcome != engine.Event {
					t.Fatal(r.Reason)
				}
			}
		}
		for range 1000 {
			all()
		}
		if n := testing.AllocsPerRun(20, all); n > most {
			t.Errorf("%s: %v allocations for all samples, want %v", name, n, most)
		}
	}
}
