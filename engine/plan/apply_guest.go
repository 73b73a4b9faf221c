package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/engine/ocsf"
)

// guestState is the instances of one Worker.
type guestState struct {
	instances []Instance
	errs      []error        // why an instance could not be opened
	alerts    *alert.Scanner // judges what a stage makes of an alert
	checker   *ocsf.Checker  // and of an event
	spare     *ocsf.Event
	json      []byte
	stop      error // of a function that failed for this alert
	counts    GuestCounts
}

// GuestCounts count what guests did to alerts.
type GuestCounts struct {
	Changed int64 `json:"changed"` // alerts or events that a transform changed
	Dropped int64 `json:"dropped"` // alerts that a transform dropped
	Refused int64 `json:"refused"` // alerts that were rejected because a guest refused them
	Failed  int64 `json:"failed"`  // alerts that were rejected because a guest failed
	Skipped int64 `json:"skipped"` // failures that the mapping's `on_error: skip` let pass
}

// Add adds the counts of another part.
func (c *GuestCounts) Add(o GuestCounts) {
	c.Changed += o.Changed
	c.Dropped += o.Dropped
	c.Refused += o.Refused
	c.Failed += o.Failed
	c.Skipped += o.Skipped
}

// rejected counts an alert that is rejected for a guest's error. One that refused
// says so with a method.
func (c *GuestCounts) rejected(err error) {
	var refusal interface{ Refused() bool }
	if errors.As(err, &refusal) && refusal.Refused() {
		c.Refused++
	} else {
		c.Failed++
	}
}

// CountAnew sets GuestCounts and Failed to zero.
func (w *Worker) CountAnew() {
	w.guests.counts = GuestCounts{}
	clear(w.Failed)
}

// GuestCounts are those since the Worker was made, or CountAnew was called.
func (w *Worker) GuestCounts() GuestCounts { return w.guests.counts }

func (w *Worker) openGuests() {
	set := &w.plan.guestSet
	if len(set.loaded) == 0 {
		return
	}
	g := &w.guests
	for _, loaded := range set.loaded {
		instance, err := loaded.Open()
		g.instances, g.errs = append(g.instances, instance), append(g.errs, err)
	}
	for _, call := range set.calls {
		w.machine.Guests = append(w.machine.Guests, w.guestFunction(call))
	}
	for _, s := range set.stages {
		if !s.event && g.alerts == nil {
			g.alerts = alert.NewSpec(nil, false, alert.Limits{}).NewScanner()
		}
		if s.event && g.checker == nil {
			g.checker, g.spare = ocsf.NewChecker(w.plan.Layout.Schema), ocsf.NewEvent(w.plan.Layout)
		}
	}
}

// guestFunction gives a guest's function to expressions. A failed call rejects
// the alert, whatever the expression makes of it, unless the mapping says `skip`.
func (w *Worker) guestFunction(call guestCall) func([]alert.Value) (alert.Value, error) {
	g := &w.guests
	err := g.errs[call.guest]
	var f func([]alert.Value) (alert.Value, error)
	if err == nil {
		f, err = g.instances[call.guest].Func(call.export)
	}
	return func(args []alert.Value) (alert.Value, error) {
		var v alert.Value
		failed := err
		if failed == nil {
			v, failed = f(args)
		}
		w.trace.called(call.name, args, v, failed)
		switch {
		case failed != nil && call.skip:
			g.counts.Skipped++
		case failed != nil && g.stop == nil:
			g.stop = failed
			g.counts.rejected(failed)
		}
		return v, failed
	}
}

// Budget is what the expressions of a set share for a part of the input.
type Budget = function.Budget

// Renew begins a part of the input: it discards what the guests remember, so that results
// cannot depend on which alerts a worker happened to get, and takes the budget of the part.
func (w *Worker) Renew(b *Budget) {
	w.machine.Share(b)
	w.part++
	clear(w.ways)
	for i := range w.guests.instances {
		if w.guests.errs[i] == nil {
			w.guests.instances[i].Renew()
		}
	}
}

// Release drops what aliases alerts. What the last Apply returned is no longer valid.
func (w *Worker) Release() {
	w.alert.Release()
	w.arena.Reset()
	if w.event != nil {
		w.lists.Begin(w.event)
		w.event.Release()
	}
	w.leaves, w.env.Line = nil, ""
	clear(w.env.Values)
	for i := range w.lets {
		w.lets[i].value, w.lets[i].env.Line = alert.Value{}, ""
	}
}

// Close ends the guests. The Worker must not be used any more.
func (w *Worker) Close() {
	for i := range w.guests.instances {
		if w.guests.errs[i] == nil {
			w.guests.instances[i].Close()
		}
	}
	w.guests.instances = nil
}

// before runs the stages on the alert. The line it gives is what the rules see.
func (w *Worker) before(line string) (string, *Result) {
	for i := range w.plan.guestSet.stages {
		s := &w.plan.guestSet.stages[i]
		if s.event {
			continue
		}
		out, stop := w.stage(s, []byte(line))
		if stop != nil {
			return "", stop
		}
		if out == nil || string(out) == line {
			continue
		}
		changed := string(out)
		if err := w.guests.alerts.Scan(changed); err != nil {
			if stop := w.unusable(s, "the transform gave no JSON object: "+err.Error()); stop != nil {
				return "", stop
			}
			continue
		}
		line = changed
		w.guests.counts.Changed++
	}
	return line, nil
}

// unusable rejects what a stage gave, or passes over it with `on_error: skip`.
func (w *Worker) unusable(s *stage, reason string) *Result {
	w.trace.transform(s, "it failed: "+reason)
	if s.skip {
		w.guests.counts.Skipped++
		return nil
	}
	w.guests.counts.Failed++
	return s.reject(reason)
}

func (s *stage) reject(reason string) *Result {
	return &Result{Outcome: Reject, Where: &Rule{Pos: s.pos, Attribute: "transforms"}, Reason: reason}
}

// after runs the stages on the event, which is held to the class again.
func (w *Worker) after(r Result) Result {
	for i := range w.plan.guestSet.stages {
		s := &w.plan.guestSet.stages[i]
		if !s.event {
			continue
		}
		w.guests.json = r.Event.AppendJSON(w.guests.json[:0])
		out, stop := w.stage(s, w.guests.json)
		if stop != nil {
			return *stop
		}
		if out == nil || string(out) == string(w.guests.json) {
			continue
		}
		if err := w.takeBack(out); err != nil {
			if stop := w.unusable(s, "the transform gave an event that breaks the class: "+err.Error()); stop != nil {
				return *stop
			}
			continue
		}
		w.guests.counts.Changed++
		w.event, w.guests.spare = w.guests.spare, w.event
		r.Event = w.event
	}
	return r
}

// stage runs one stage; nil bytes say that the guest failed and is skipped.
func (w *Worker) stage(s *stage, in []byte) ([]byte, *Result) {
	err := w.guests.errs[s.guest]
	if err == nil {
		run := w.guests.instances[s.guest].Alert
		if s.event {
			run = w.guests.instances[s.guest].Event
		}
		var out []byte
		var dropped bool
		out, dropped, err = run(in)
		switch {
		case err == nil && dropped:
			w.trace.transform(s, "it dropped the alert")
			w.guests.counts.Dropped++
			return nil, &Result{Outcome: Dropped}
		case err == nil:
			w.trace.transformed(s, in, out)
			return out, nil
		}
	}
	w.trace.transform(s, "it failed: "+err.Error())
	if s.skip {
		w.guests.counts.Skipped++
		return nil, nil
	}
	w.guests.counts.rejected(err)
	return nil, s.reject(err.Error())
}

// takeBack reads an event that a guest gave and holds it to the class.
func (w *Worker) takeBack(text []byte) error {
	spare := w.guests.spare
	if err := spare.ReadJSON(text); err != nil {
		return err
	}
	if lacks := w.plan.root.lacks(&spare.Record); lacks.field != nil {
		return fmt.Errorf("it lacks %s", lacks)
	}
	d := json.NewDecoder(strings.NewReader(string(spare.AppendJSON(nil))))
	d.UseNumber()
	var event map[string]any
	if err := d.Decode(&event); err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	// The checker believes the event's class_uid, but an object holds one class.
	own := spare.Layout.Class
	if uid, ok := event["class_uid"]; ok && uid != json.Number(strconv.Itoa(int(own.UID))) {
		return fmt.Errorf("class_uid: is %v, and the mapping makes events of %d, %s", uid, own.UID, own.Name)
	}
	if findings := w.guests.checker.Check(event); len(findings) > 0 {
		return errors.New(findings[0].String())
	}
	return nil
}
