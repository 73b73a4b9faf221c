package mappings_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

var update = flag.Bool("update", false, "write testdata/revision.json anew")

const revisionFile = "../testdata/revision.json"

// made says what a revision of the engine makes of inputs, by digests: of mappings and
// alerts, and of what became of these.
type made struct {
	Revision int    `json:"revision"`
	Inputs   string `json:"inputs"`
	Results  string `json:"results"`
}

// Law: what the engine makes of the same alerts by the same mappings changes with its
// Revision only: runs leave alone what an earlier version of the same Revision wrote.
func TestRevision(t *testing.T) {
	now := made{Revision: engine.Revision}
	inputs, results := sha256.New(), sha256.New()
	lines := sampleLines(t)
	for _, name := range []string{"wazuh/security_finding", "wazuh/detection_finding", "wazuh/by_class"} {
		s := compiled(t, name)
		for _, m := range s.engine.Mappings {
			fmt.Fprintln(inputs, m.Name, m.Digest)
		}
		for _, sample := range slices.Sorted(maps.Keys(lines)) {
			fmt.Fprintf(inputs, "%s %q\n", sample, lines[sample])
			r := s.worker.Apply(lines[sample])
			fmt.Fprintln(results, name, sample, r.Outcome)
			for _, e := range r.Events {
				fmt.Fprintf(results, "%s\n", e.Event.AppendJSON(nil))
			}
		}
	}
	now.Inputs, now.Results = hex.EncodeToString(inputs.Sum(nil)), hex.EncodeToString(results.Sum(nil))
	if *update {
		text, err := json.MarshalIndent(now, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(revisionFile, append(text, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	var known made
	if err := json.Unmarshal(read(t, revisionFile), &known); err != nil {
		t.Fatal(err)
	}
	switch {
	case now == known:
	case now.Inputs == known.Inputs && now.Revision == known.Revision:
		t.Errorf("the engine makes something else of the same alerts: raise engine.Revision, and run this with -update")
	default:
		t.Errorf("mappings, samples or the revision have changed: run `go test ./mappings -run Revision -update` with an engine that was not changed")
	}
}
