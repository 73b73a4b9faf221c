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
		{`"comment":"odd"`, "skip", engine.Event, []string{before + "it changed nothing", after + "it changed the event", after + "it failed: the transform gave an event that breaks the class"}},
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

// Law: an explanation shows each call of a guest's function with its arguments
// and what came of it, at the attribute that it was made for.
func TestExplanationShowsCalls(t *testing.T) {
	text := strings.Replace(guestMapping, "EVENT", "reject", 1)
	e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: (&testGuest{}).load})
	if err != nil {
		t.Fatal(err)
	}
	worker := e.NewWorker()
	for _, c := range []struct {
		alert string
		want  map[string][]engine.Call
	}{
		{`"arg":[1,"x"],"soft":2.5`, map[string][]engine.Call{
			"count":      {{Function: "number", Args: []string{`[1,"x"]`}, Result: "1"}},
			"risk_score": {{Function: "softly", Args: []string{"2.5"}, Result: "2"}},
		}},
		{`"arg":"refuse"`, map[string][]engine.Call{
			"count":      {{Function: "number", Args: []string{`"refuse"`}, Error: "the guest refused: no"}},
			"risk_score": {{Function: "softly", Args: []string{"null"}, Result: "1"}},
		}},
	} {
		got := map[string][]engine.Call{}
		for _, a := range worker.Explain(`{"timestamp":"2026-03-14T09:26:53Z",` + c.alert + `}`).Attributes {
			if len(a.From.Calls) > 0 {
				got[a.Path] = a.From.Calls
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.alert, diff)
		}
		worker.Renew()
	}
}
