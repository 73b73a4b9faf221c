package mappings_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/sluice-lake/sluice/engine"
)

// Law: after Release, a worker has nothing of the lines before. The pipeline reads later
// lines into their memory, so what a worker remembers of them must be its own.
func TestReleaseForgetsTheLines(t *testing.T) {
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		kept, reused := compiled(t, name).worker, compiled(t, name).worker
		r := rand.New(rand.NewPCG(7, 11))
		samples := sampleLines(t)
		names := slices.Sorted(maps.Keys(samples))
		memory := make([]byte, 4<<20)
		used := 0
		for i := range 6 * len(names) {
			if used > 0 && r.IntN(12) == 0 {
				reused.Release()
				for at := range memory[:used] {
					memory[at] = '#'
				}
				used = 0
			}
			which := names[r.IntN(len(names))]
			if i%2 == 0 {
				which = names[r.IntN(40)] // some come often, and are remembered
			}
			line := memory[used : used+copy(memory[used:], samples[which])]
			used += len(line)
			want, got := madeOf(kept, samples[which]), madeOf(reused, unsafe.String(unsafe.SliceData(line), len(line)))
			if got != want {
				t.Fatalf("%s: %s became\n%s\ninstead of\n%s", name, which, got, want)
			}
		}
	}
}

// madeOf is all that comes of a line.
func madeOf(w *engine.Worker, line string) string {
	r := w.Apply(line)
	made := []byte(r.Outcome.String() + " " + r.Reason)
	for _, m := range r.Events {
		made = m.Event.AppendJSON(append(made, '\n'))
		for _, misfit := range w.Misfits(m.Mapping) {
			made = append(append(made, '\n'), misfit.Reason...)
		}
	}
	return string(made)
}
