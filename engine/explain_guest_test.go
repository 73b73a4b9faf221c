package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
)

// Law: an explanation tells what each transform did, and its outcome is that of
// Apply.
func TestExplanationTellsOfTransforms(t *testing.T) {
	const before, after = "g.yaml:9:5 alert: ", "g.yaml:10:5 event: "
	for _, c := range []struct {
		alert, onError string
		outcome        engine.Outcome
		did            []string
	}{
		{`"log":"x"`, "reject", engine.Event, []string{before + "it changed nothing", after + "it changed nothing"}},
		{`"log":"secret"`, "reject", engine.Event, []string{before + "it changed the alert", after + "it changed nothing"}},
		{`"comment":"c"`, "reject", engine.Event, []string{before + "it changed nothing", after + "it changed the event"}},
		{`"log":"drop"`, "reject", engine.Dropped, []string{before + "it dropped the alert"}},
		{`"log":"trap"`, "reject", engine.Reject, []string{before + "it failed: the guest trapped"}},
		{`"comment":"odd"`, "skip", engine.Event, []string{before + "it changed nothing", after + "it changed the event", after + "what it gave breaks the class"}},
	} {
		text := strings.Replace(guestMapping, "EVENT", c.onError, 1)
		e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: (&testGuest{}).load})
		if err != nil {
			t.Fatal(err)
		}
		x := e.NewWorker().Explain(`{"timestamp":"2026-03-14T09:26:53Z",` + c.alert + `}`)
		if x.Outcome != c.outcome {
			t.Errorf("%s: outcome %d, want %d", c.alert, x.Outcome, c.outcome)
		}
		var did []string
		for _, tr := range x.Transforms {
			what, _, _ := strings.Cut(tr.Did, "class: ")
			if what != tr.Did {
				what += "class"
			}
			did = append(did, fmt.Sprintf("%s %s: %s", tr.Pos, tr.Stage, what))
		}
		if diff := cmp.Diff(c.did, did); diff != "" {
			t.Errorf("%s: %s", c.alert, diff)
		}
	}
}
