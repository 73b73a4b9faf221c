package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/queue"
	"github.com/sluice-lake/sluice/runtime/source"
)

// mostTries is how often a plan may end the function before its objects are converted one by
// one.
const mostTries = 3

// carryOut does the next thing that a plan needs.
func (f *flusher) carryOut(p *plan) (more bool, err error) {
	switch {
	case p.marks["done"], p.marks["sent"]:
		return true, f.plans.sweep(f.ctx, p)
	case p.marks["singly"]:
		return f.giveUp(p)
	case p.died(time.Now().Add(-f.whole())) >= mostTries:
		return true, f.plans.mark(f.ctx, p, "singly", f.reason("the function died each time"))
	}
	w := &work{target: target{ref: p.Objects[0].ref()}}
	began := time.Now()
	err = f.attempt(p, w)
	if why := f.spoilt(w, err); why != nil {
		f.log.Error("a plan is given up: its objects will be converted one by one", "plan", p.name, "objects", len(p.Objects), "error", why.Error())
		ctx, cancel := f.settling()
		defer cancel()
		return true, f.plans.mark(ctx, p, "singly", f.reason(why.Error()))
	}
	if err != nil {
		return false, fmt.Errorf("plan %s: %w", p.name, err)
	}
	f.converted(w, f.log.With("plan", p.name, "collected", len(p.Objects)), time.Since(began))
	ctx, cancel := f.settling()
	defer cancel()
	if err := f.plans.mark(ctx, p, "done", ""); err != nil {
		return false, err
	}
	return true, f.plans.sweep(f.ctx, p)
}

// attempt converts a plan, and notes that it does, so that a plan which ends the function
// is known.
func (f *flusher) attempt(p *plan, w *work) error {
	try := tryMark + time.Now().UTC().Format(time.RFC3339Nano)
	if err := f.plans.mark(f.ctx, p, try, ""); err != nil {
		return err
	}
	err := f.convertPlan(p, w)
	ctx, cancel := f.settling()
	defer cancel()
	return errors.Join(err, f.plans.unmark(ctx, p, try))
}

func openNothing(context.Context) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

// errClaimed is the error of a plan with content that was converted by itself meanwhile.
var errClaimed = errors.New("one of its objects was converted by itself after the plan was made")

// spoilt gives the reason why a plan never succeeds as a whole, nil if it may.
func (f *flusher) spoilt(w *work, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errClaimed), errors.As(err, new(*poison)), errors.As(err, new(*memory.TooLarge)):
		return err
	}
	for _, in := range w.result.Inputs {
		if in.Err != nil && !f.passes(in.Err) {
			return in.Err
		}
	}
	return nil
}

// convertPlan converts the objects of a plan as one input.
func (inv *invocation) convertPlan(p *plan, w *work) error {
	set, err := inv.current(inv.collectPlace())
	if err != nil {
		return err
	}
	if err := inv.claim(set, p, w); err != nil {
		return err
	}
	inputs := make([]source.Input, len(p.Objects))
	for i := range p.Objects {
		inputs[i] = p.Objects[i].input(inv.own)
	}
	return inv.run(set, w, p.bytes(), inputs...)
}

// claim writes the manifests that say that the plan has the events of its objects. A plan
// of a single object has its manifest from the run.
func (inv *invocation) claim(set *set, p *plan, w *work) error {
	if len(p.Objects) == 1 {
		return nil
	}
	c := inv.pipeline(set, w, nil, nil)
	of, ps := c.ManifestOf(), inv.plans()
	claimed := "claimed-" + of(p.identity()).ID[:8] // by where the events go
	if p.marks[claimed] {
		return nil
	}
	err := abreast(len(p.Objects), atOnce, func(i int) error {
		m := of(p.Objects[i].Identity)
		m.Name, m.Plan = p.Objects[i].ref().String(), p.name
		text, err := ps.ledger.Note(inv.ctx, lake.ManifestKey(m.ID), m.Encode())
		if err != nil {
			return err
		}
		if there, err := lake.ParseManifest(text); err != nil || there.Plan != p.name {
			return errors.Join(fmt.Errorf("%s: %w", m.Name, errClaimed), err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return ps.mark(inv.ctx, p, claimed, "")
}

// within is what to do with an object whose events a plan has. Whoever names the object
// means them all; a notification is one that came before.
func (inv *invocation) within(w *work, name string) error {
	if !w.meant {
		w.refused = "it was converted together with others, in plan " + name
		return nil
	}
	p, err := inv.plans().named(inv.ctx, name)
	if err != nil {
		return err
	}
	switch {
	case p.marks["sent"]:
		w.leaves = name
		return inv.convert(w)
	case p.marks["singly"] && !p.marks["done"]:
		return fmt.Errorf("the plan %s is being given up, and the object will soon be converted by itself: wait, and call again", name)
	}
	inv.log.Info("an object is converted again with those of its plan", "plan", name, "objects", len(p.Objects))
	return inv.convertPlan(p, w)
}

// givenUp is the mark of a plan whose objects are converted one by one.
type givenUp struct {
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (f *flusher) reason(why string) string {
	text, _ := json.Marshal(givenUp{time.Now(), why}) // a time and a text can always be marshalled
	return string(text)
}

// giveUp takes away what a plan has written, and sends its objects back to their queue, to
// be converted one by one. It waits until no call that began before can still be at work
// on the plan.
func (f *flusher) giveUp(p *plan) (more bool, err error) {
	text, err := f.plans.get(f.ctx, plansFolder+p.name+".singly")
	if err != nil {
		return false, err
	}
	var mark givenUp
	if err := json.Unmarshal(text, &mark); err != nil {
		return false, fmt.Errorf("%s%s.singly is damaged: %w", plansFolder, p.name, err)
	}
	if wait := 2*f.whole() - time.Since(mark.At); wait > 0 {
		f.log.Info("a plan was given up, and waits until nothing is at work on it", "plan", p.name, "wait_s", int(wait.Seconds()))
		return false, nil
	}
	set, err := f.current(f.collectPlace())
	if err != nil {
		return false, err
	}
	if len(p.Objects) > 1 {
		nothing := source.Input{Name: "plan " + p.name, Identity: p.identity(), Modified: p.Objects[0].Modified, Remote: true, Open: openNothing}
		if err := f.run(set, &work{target: target{ref: p.Objects[0].ref()}}, 0, nothing); err != nil {
			return false, err
		}
	}
	err = abreast(len(p.Objects), atOnce, func(i int) error {
		// One after another, so that one which ends the function has no others beside it.
		delay := min(time.Duration(i)*time.Second, time.Duration(i)*queue.MostDelay/time.Duration(len(p.Objects)))
		return f.sendBack(f.ctx, &p.Objects[i].note, p.name, delay)
	})
	if err != nil {
		return false, err
	}
	if err := f.plans.mark(f.ctx, p, "sent", ""); err != nil {
		return false, err
	}
	return true, f.plans.sweep(f.ctx, p)
}
