package engine_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/plan"
)

// testGuest plays a module in Go: the engine cannot tell the difference.
type testGuest struct{ opened, renewed, closed int }

func (g *testGuest) load(u plan.GuestUse) (*plan.Guest, error) {
	if strings.Contains(u.Module.File, "broken") {
		return nil, errors.New("it is broken")
	}
	return &plan.Guest{Open: func() (plan.Instance, error) {
		g.opened++
		calls := 0
		return plan.Instance{
			Func: func(string) (func([]alert.Value) (alert.Value, error), error) {
				return func(args []alert.Value) (alert.Value, error) {
					if args[0].Kind == alert.Text && args[0].Text == "refuse" {
						return alert.Value{}, errors.New("the guest refused: no")
					}
					calls++
					return alert.OfInt(int64(calls)), nil
				}, nil
			},
			Alert: func(in []byte) ([]byte, bool, error) {
				if bytes.Contains(in, []byte("trap")) {
					return nil, false, errors.New("the guest trapped")
				}
				if bytes.Contains(in, []byte("garble")) {
					return []byte("<alert/>"), false, nil
				}
				if bytes.Contains(in, []byte("listed")) {
					return append(append([]byte("["), in...), ']'), false, nil
				}
				return bytes.Replace(in, []byte("secret"), []byte("******"), 1), bytes.Contains(in, []byte("drop")), nil
			},
			Event: func(in []byte) ([]byte, bool, error) {
				in = bytes.Replace(in, []byte(`"comment":"break"`), []byte(`"comment":""`), 1)
				in = bytes.Replace(in, []byte(`"comment":"odd"`), []byte(`"nonsense":1`), 1)
				return bytes.Replace(in, []byte(`"comment":"c"`), []byte(`"comment":"changed"`), 1), false, nil
			},
			Renew: func() { g.renewed++; calls = 0 },
			Close: func() { g.closed++ },
		}, nil
	}}, nil
}

const guestMapping = `
mapping: guests
schema: 1.1.0
class: detection_finding
functions:
  number: {wasm: a.wasm, args: 1}
  softly: {wasm: a.wasm, on_error: skip}
transforms:
  - {wasm: b.wasm, stage: alert}
  - {wasm: b.wasm, stage: event, on_error: EVENT}
event:
  activity_id: 1
  severity_id: 2
  time: =timestamp
  message: =log
  comment: =comment
  count: =number(arg)
  risk_score: =softly(soft)
  finding_info: {uid: u, title: t}
  metadata: {product: {name: n, vendor_name: v}}
  unmapped: {$rest: true}
`

func TestGuests(t *testing.T) {
	for _, c := range []struct{ alert, onError, want string }{
		{`"log":"a secret"`, "reject", `event count":1 message":"a ****** risk_score":2`},
		{`"arg":"refuse"`, "reject", "reject `count`: the expression failed: the guest refused: no (g.yaml:17:10 count)"},
		{`"soft":"refuse"`, "reject", `event unmapped":{"soft":"refuse"}`},
		{`"log":"drop it"`, "reject", `dropped`},
		{`"log":"trap"`, "reject", "reject the guest trapped (g.yaml:9:5 transforms)"},
		{`"log":"garble"`, "reject", "reject the transform gave no JSON object: column 1: expected a value, found '<' (g.yaml:9:5 transforms)"},
		{`"log":"listed"`, "reject", "reject the transform gave no JSON object: column 1: "},
		{`"comment":"c"`, "reject", `event comment":"changed`},
		{`"comment":"break"`, "reject", "reject the transform gave an event that breaks the class: "},
		{`"comment":"odd"`, "reject", "reject the transform gave an event that breaks the class: "},
		{`"comment":"odd"`, "skip", `event comment":"odd"`},
	} {
		g := &testGuest{}
		text := strings.Replace(guestMapping, "EVENT", c.onError, 1)
		e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: g.load})
		if err != nil {
			t.Fatal(err)
		}
		w := e.NewWorker()
		r := w.Apply(`{"timestamp":"2026-03-14T09:26:53Z",` + c.alert + `}`)
		got := outcomeText(r)
		for _, part := range strings.SplitN(c.want, " ", 2) {
			if strings.HasPrefix(c.want, "event") {
				for _, p := range strings.Fields(part) {
					if !strings.Contains(got, p) {
						t.Errorf("%s: %s, want %s", c.alert, got, c.want)
					}
				}
			} else if !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: %s, want %s", c.alert, got, c.want)
			}
		}
		w.Close()
		if g.opened != 2 || g.closed != 2 {
			t.Errorf("%d instances opened, %d closed: rules that name one module with one setting share it", g.opened, g.closed)
		}
	}
}

// A stage whose result cannot be used is passed over with `on_error: skip`, and
// the rules see the alert as it was before.
func TestSkippedStage(t *testing.T) {
	g := &testGuest{}
	text := strings.Replace(strings.Replace(guestMapping, "EVENT", "reject", 1), "stage: alert}", "stage: alert, on_error: skip}", 1)
	e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: g.load})
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	for _, log := range []string{"garble", "listed", "trap"} {
		got := outcomeText(w.Apply(`{"timestamp":"2026-03-14T09:26:53Z","log":"` + log + `"}`))
		if !strings.HasPrefix(got, "event") || !strings.Contains(got, `"message":"`+log+`"`) {
			t.Errorf("%s: %s", log, got)
		}
	}
	if c := w.GuestCounts(); c.Skipped != 3 || c.Failed != 0 || c.Changed != 0 {
		t.Errorf("%+v", c)
	}
}

// The objects of a mapping hold its class alone, so an event stage may not give an
// event of another one, whole and consistent though it is.
func TestAStageKeepsTheClass(t *testing.T) {
	const mapping = `
mapping: guests
schema: 1.1.0
class: ssh_activity
transforms:
  - {wasm: b.wasm, stage: event}
event:
  activity_id: 0
  severity_id: 2
  time: =timestamp
  src_endpoint: {ip: 192.0.2.1}
  dst_endpoint: {ip: 192.0.2.2}
  metadata: {product: {name: n, vendor_name: v}}
`
	schema, err := ocsf.Load("1.1.0")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, name := range schema.ClassNames() {
		class, _ := schema.Class(name)
		load := func(plan.GuestUse) (*plan.Guest, error) {
			return &plan.Guest{Open: func() (plan.Instance, error) {
				return plan.Instance{Event: func(in []byte) ([]byte, bool, error) {
					return asClass(in, class), false, nil
				}, Renew: func() {}, Close: func() {}}, nil
			}}, nil
		}
		e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(mapping)}}, engine.Options{Load: load})
		if err != nil {
			t.Fatal(err)
		}
		w := e.NewWorker()
		r := w.Apply(`{"timestamp":"2026-03-14T09:26:53Z"}`)
		if want := class.Name == "ssh_activity"; want != (r.Outcome == engine.Event) {
			t.Errorf("%s: %s", class.Name, outcomeText(r))
		}
		tried++
		w.Close()
	}
	if tried < 40 {
		t.Errorf("%d classes were tried", tried)
	}
}

// asClass is an event of ssh_activity that says of itself that it is of another class.
func asClass(event []byte, class *ocsf.Class) []byte {
	return []byte(strings.NewReplacer(
		`"class_uid":4007`, fmt.Sprintf(`"class_uid":%d`, class.UID),
		`"type_uid":400700`, fmt.Sprintf(`"type_uid":%d`, int64(class.UID)*100),
		"SSH Activity", class.Caption,
	).Replace(string(event)))
}

func outcomeText(r engine.Result) string {
	switch r.Outcome {
	case engine.Event:
		return "event " + string(r.Events[0].Event.AppendJSON(nil))
	case engine.Dropped:
		return "dropped"
	}
	return "reject " + r.Reason + " (" + r.Where.String() + ")"
}

// Law: after Renew a worker gives what a new one gives, whatever its guests
// keep from call to call.
func TestRenewForgets(t *testing.T) {
	g := &testGuest{}
	text := strings.Replace(guestMapping, "EVENT", "reject", 1)
	e, err := engine.Compile([]engine.File{{Name: "g.yaml", Text: []byte(text)}}, engine.Options{Load: g.load})
	if err != nil {
		t.Fatal(err)
	}
	const line = `{"timestamp":"2026-03-14T09:26:53Z","log":"x"}`
	w := e.NewWorker()
	first := outcomeText(w.Apply(line))
	if second := outcomeText(w.Apply(line)); second == first {
		t.Fatal("the guest of this test keeps nothing, so it proves nothing")
	}
	w.Renew()
	if again := outcomeText(w.Apply(line)); again != first {
		t.Errorf("after Renew %s, at first %s", again, first)
	}
}
