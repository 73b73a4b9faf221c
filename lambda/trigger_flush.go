package lambda

import (
	"errors"
	"time"
)

// flush converts what was noted, plan by plan, until nothing is left or the time is over;
// the next call continues. All takes what was noted in the present window too. It fails like
// the messages of a queue: it counts what failed, and returns no error, since Lambda would
// call it again at once.
func (inv *invocation) flush(all bool) (any, error) {
	if inv.collectPlace().Bucket == "" {
		return nil, errors.New("flush: nothing can have been noted, since SLUICE_REJECTS is not set: set it and SLUICE_COLLECT")
	}
	f := &flusher{invocation: inv, plans: inv.plans(), all: all}
	for {
		more, err := f.step()
		if err != nil {
			inv.log.Error("the flush ends early, and the next one goes on", "error", err.Error())
			inv.count(func() { inv.metrics.ObjectsFailed += max(f.failed, 1) })
			break
		}
		if !more {
			break
		}
		if !f.mayGoOn() {
			inv.log.Info("the next flush goes on: there is too little time for another plan")
			break
		}
	}
	lag, err := f.lag()
	if err != nil {
		inv.log.Warn("how far the flush lags behind is not known", "error", err.Error())
	} else {
		inv.metrics.CollectLag = &lag
	}
	return inv.response(), nil
}

// flusher is one call to flush.
type flusher struct {
	*invocation
	plans  *plans
	all    bool
	failed int64 // objects of the plan that failed
}

// mayGoOn reports whether there is time for another plan: as much as half of what a call
// has.
func (f *flusher) mayGoOn() bool {
	deadline, ok := f.ctx.Deadline()
	return !ok || time.Until(deadline) > f.whole()/2
}

// whole is the time that a call has, a day where nothing bounds it.
func (f *flusher) whole() time.Duration {
	deadline, ok := f.ctx.Deadline()
	if !ok {
		return 24 * time.Hour
	}
	return deadline.Sub(f.began)
}

// lag is how many seconds ago the oldest window with notes ended.
func (f *flusher) lag() (int64, error) {
	ctx, cancel := f.settling()
	defer cancel()
	end, err := f.plans.oldest(ctx, f.config.Collect)
	if err != nil || end.IsZero() {
		return 0, err
	}
	return max(0, int64(time.Since(end).Seconds())), nil
}

// step carries out the plan in progress, or makes the next one. It reports whether there
// may be more to do.
func (f *flusher) step() (more bool, err error) {
	f.failed = 0
	p, err := f.plans.latest(f.ctx)
	if err != nil {
		return false, err
	}
	if p == nil || p.marks["over"] {
		return f.plan(p)
	}
	if err := f.plans.load(f.ctx, p); err != nil {
		return false, err
	}
	f.failed = int64(len(p.Objects))
	return f.carryOut(p)
}
