package engine_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// Law: transforms and --strict mean in a set what they mean alone: a transform that
// drops ends the alert, one that fails and a value that does not fit (strict)
// reject it, and `otherwise: next` hands on what they reject.
func TestGuestsInSets(t *testing.T) {
	first := "mapping: first\nschema: 1.1.0\nclass: detection_finding\nalso: true\nevent:\n  message: first\n  count: =many\n" + mixedRest
	last := "mapping: last\nschema: 1.1.0\nclass: detection_finding\npriority: 2\nevent:\n  message: last\n" + mixedRest
	guests := strings.Replace(strings.Replace(guestMapping, "EVENT", "reject", 1), "message: =log", "message: guests", 1)
	goesOn := strings.Replace(guests, "event:\n  activity", "otherwise: next\nevent:\n  activity", 1)
	lets := strings.Replace(guests, "event:\n  activity", "also: true\nevent:\n  activity", 1)
	for _, c := range []struct {
		guests, alert string
		strict        bool
		want          string
	}{
		{guests, `"log":"x"`, false, "first guests"},
		{guests, `"log":"x"`, true, "first guests"},
		{lets, `"log":"x"`, false, "first guests last"},
		{lets, `"log":"drop"`, false, "first"},
		{guests, `"log":"trap"`, false, "reject the guest trapped"},
		{goesOn, `"log":"trap"`, false, "first last"},
		{goesOn, `"log":"trap","many":"x"`, false, "first last"},
		{guests, `"comment":"break"`, false, "reject the transform gave an event that breaks the class"},
		{goesOn, `"comment":"break"`, false, "first last"},
		{goesOn, `"arg":"refuse"`, false, "first last"},
		{guests, `"log":"x","many":"x"`, true, "reject `count` accepts"},
		{goesOn, `"log":"x","arg":"refuse","many":"x"`, true, "reject `count` accepts"},
	} {
		e, err := engine.Compile([]engine.File{{Name: "a.yaml", Text: []byte(first)}, {Name: "g.yaml", Text: []byte(c.guests)}, {Name: "z.yaml", Text: []byte(last)}},
			engine.Options{Load: (&testGuest{}).load, Strict: c.strict})
		if err != nil {
			t.Fatal(err)
		}
		w := e.NewWorker()
		r := w.Apply(`{"timestamp":"2026-03-14T09:26:53Z",` + c.alert + `}`)
		got := "reject " + r.Reason
		if r.Outcome == engine.Event {
			var names []string
			for _, m := range r.Events {
				_, message, _ := strings.Cut(string(m.Event.AppendJSON(nil)), `"message":"`)
				name, _, _ := strings.Cut(message, `"`)
				names = append(names, name)
			}
			got = strings.Join(names, " ")
		}
		if !strings.HasPrefix(got, c.want) || r.Outcome == engine.Event && got != c.want {
			t.Errorf("%s: %s, want %s", c.alert, got, c.want)
		}
		failed := int64(0)
		for _, counts := range w.Conversions() {
			for _, n := range counts {
				failed += n
			}
		}
		if failed > 0 != (r.Outcome == engine.Event && strings.Contains(c.alert, "many")) {
			t.Errorf("%s: %d failed conversions of outcome %d", c.alert, failed, r.Outcome)
		}
	}
}
