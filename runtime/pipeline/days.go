package pipeline

import (
	"context"
	"fmt"
	"sync"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
)

// days are the days that events of a unit are of. Which days are among the first ones is
// decided in the order of the lines, although several workers map the unit: one that
// finds a new day waits until everything before its item is mapped.
type days struct {
	most int // 0 for any number

	mu      sync.Mutex
	taken   map[int32]bool
	mapped  map[int]bool  // items behind next that are mapped
	next    int           // the first item that is not mapped
	changed chan struct{} // closed when next changes
}

// take reports whether events of an item may be of this day. If that is not certain yet,
// it returns a channel that is closed when it is worth asking again.
func (d *days) take(day int32, item int) (taken bool, wait <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.taken[day]:
		return true, nil
	case len(d.taken) == d.most:
		return false, nil
	case item != d.next:
		if d.changed == nil {
			d.changed = make(chan struct{})
		}
		return false, d.changed
	}
	if d.taken == nil {
		d.taken = map[int32]bool{}
	}
	d.taken[day] = true
	return true, nil
}

// end notes that an item is mapped.
func (d *days) end(item int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if item != d.next {
		if d.mapped == nil {
			d.mapped = map[int]bool{}
		}
		d.mapped[item] = true
		return
	}
	for d.next++; d.mapped[d.next]; d.next++ {
		delete(d.mapped, d.next)
	}
	if d.changed != nil {
		close(d.changed)
		d.changed = nil
	}
}

// refused are the days nearest to the window that alerts were rejected for, as distances
// from it; 0 for none.
type refused struct{ before, behind int32 }

func (r *refused) add(o refused) {
	r.before, r.behind = nearest(r.before, o.before), nearest(r.behind, o.behind)
}

// note notes a day outside of the window.
func (r *refused) note(day int32, w *lake.Window) {
	if day < w.First {
		r.before = nearest(r.before, w.First-day)
	} else {
		r.behind = nearest(r.behind, day-w.Last)
	}
}

func nearest(a, b int32) int32 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// dates are the days as manifests have them.
func (r refused) dates(w *lake.Window) (dates []string) {
	if r.before > 0 {
		dates = append(dates, lake.Date(w.First-r.before))
	}
	if r.behind > 0 {
		dates = append(dates, lake.Date(w.Last+r.behind))
	}
	return dates
}

// refuse returns why an alert is rejected for the days of its events, "" if it is not,
// and the rule that gave the time. If the run ends meanwhile it does not matter what it
// returns.
func (w *worker) refuse(ctx context.Context, it *item, events []engine.Mapped) (reason string, where *engine.Rule) {
	c := w.run.config
	for _, m := range events {
		day := lake.DayOf(m.Event.Time())
		time := c.Engine.Mappings[m.Mapping].Time
		if !c.Window.Holds(day) {
			it.out.refused.note(day, c.Window)
			return fmt.Sprintf("the event is of %s, and the lake takes the days %s: correct the time of the alert, or set SLUICE_EVENT_DAYS (--event-days) and replay",
				lake.Date(day), c.Window), time
		}
		if !w.takeDay(ctx, it, day) {
			return fmt.Sprintf("the event is of %s, and the input has events of %d other days before it: set SLUICE_MAX_EVENT_DAYS (--max-event-days) and replay",
				lake.Date(day), it.unit.days.most), time
		}
		if !w.takePartition(m, day) {
			return fmt.Sprintf("the event is of %s, and its MiB of input has events of %d other days of custom sources before it: set SLUICE_MAX_EVENT_DAYS (--max-event-days) and replay",
				lake.Date(day), w.spread.most), time
		}
	}
	return "", nil
}

// tookLast reports whether a day is the one that was taken last for an item, or any may be.
func (w *worker) tookLast(it *item, day int32) bool {
	return it.unit.days.most == 0 || day == w.day && it == w.dayOf
}

// takeDay reports whether events of an item may be of a day. While that is not certain it
// encodes: nobody else may be there to do it.
func (w *worker) takeDay(ctx context.Context, it *item, day int32) bool {
	if w.tookLast(it, day) {
		return true
	}
	for {
		taken, wait := it.unit.days.take(day, it.number)
		if taken {
			w.day, w.dayOf = day, it
		}
		if wait == nil {
			return taken
		}
		select {
		case <-wait:
		case j, ok := <-w.groups:
			w.encode(j, ok)
		case <-ctx.Done():
			return true
		}
	}
}
