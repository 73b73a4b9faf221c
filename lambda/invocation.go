package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// invocation is one call of the function.
type invocation struct {
	*function
	log   *slog.Logger
	ctx   context.Context
	began time.Time
	end   time.Time // of the call, when Lambda ends it; zero for never

	mu      sync.Mutex
	once    map[s3.Ref]*work // every object of the event, done once
	slots   chan struct{}    // bounds the objects in progress, see atOnce
	inside  map[*work]bool   // those that are being converted
	tally   pipeline.Tally
	objs    int64 // objects done
	slowest time.Duration
	metrics metrics

	setOnce sync.Once
	set     *set
	setErr  error
}

// current gives the mappings, the same for all objects of the invocation. Place is where
// the rejects of the first of them go.
func (inv *invocation) current(place s3.Ref) (*set, error) {
	inv.setOnce.Do(func() {
		var fault error
		inv.set, fault, inv.setErr = inv.mappings.current(inv.ctx, inv.began, place)
		inv.mappingFault(fault)
	})
	return inv.set, inv.setErr
}

// mappingFault counts a fault of the mapping in the bucket, nil for none.
func (inv *invocation) mappingFault(fault error) {
	if fault != nil {
		inv.count(func() { inv.metrics.MappingFailures++ })
		inv.log.Error("the mapping in the bucket is not applied", "error", fault.Error())
	}
}

// atOnce is the most objects that are looked at or worked on at a time. Each takes
// connections, and an event may name thousands.
const atOnce = 32

// work is one object. Other goroutines may read its fields once done is closed.
type work struct {
	target
	done    chan struct{}
	refused string // why it is skipped, "" when it is not
	err     error
	result  pipeline.Result

	entered time.Time // when it was begun
	shared  bool      // others were worked on meanwhile
}

func (w *work) summary() string {
	r := &w.result
	return fmt.Sprintf("%d lines, %d events, %d rejects, %d unmatched, %d dropped", r.Lines, r.Events, r.Rejects, r.Unmatched, r.Dropped)
}

// objects works on the targets concurrently, on each object once in an invocation
// however often it is named, and waits for all. It returns the work of the
// targets that are not ignored.
func (inv *invocation) objects(found []target) []*work {
	var all []*work
	for _, t := range found {
		if t.ignored != "" {
			inv.log.Info("nothing to do", "bucket", t.ref.Bucket, "key", t.ref.Key, "reason", t.ignored)
			continue
		}
		all = append(all, inv.begin(t))
	}
	for _, w := range all {
		<-w.done
	}
	return all
}

func (inv *invocation) begin(t target) *work {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	w := inv.once[t.ref]
	if w == nil {
		w = &work{target: t, done: make(chan struct{})}
		inv.once[t.ref] = w
		go func() {
			defer close(w.done)
			inv.slots <- struct{}{}
			defer func() { <-inv.slots }()
			inv.object(w)
		}()
	}
	return w
}

// object works on one object and logs what became of it.
func (inv *invocation) object(w *work) {
	if w.meant && inv.config.isRejects(w.ref) {
		inv.again(w)
	} else {
		w.refused = inv.config.refuse(w.ref)
	}
	began := time.Now()
	if w.err == nil && w.refused == "" {
		w.err = inv.do(w)
	}
	log := inv.log.With("bucket", w.ref.Bucket, "key", w.ref.Key)
	switch {
	case w.err != nil:
		log.Error("failed", "error", w.err.Error(), "retry_helps", curable(w.err))
		inv.count(func() { inv.metrics.ObjectsFailed++ })
	case w.refused != "":
		log.Warn("skipped", "reason", w.refused)
		inv.count(func() { inv.metrics.ObjectsSkipped++ })
	case w.note != nil:
		log.Info("noted")
		inv.count(func() { inv.metrics.ObjectsNoted++ })
	default:
		inv.converted(w, log, time.Since(began))
	}
}

// do notes an object, or converts it, with those that it is in a plan with.
func (inv *invocation) do(w *work) error {
	if w.note != nil {
		return inv.noted(w)
	}
	err := inv.convert(w)
	if within := (*lake.PlannedError)(nil); errors.As(err, &within) {
		return inv.within(w, within.Plan)
	}
	return err
}

// converted counts what became of the lines of an object, or of those of a plan, and logs it.
func (inv *invocation) converted(w *work, log *slog.Logger, took time.Duration) {
	res := &w.result
	inv.count(func() {
		inv.slowest = max(inv.slowest, took)
		inv.add(res)
	})
	log.Info("done", "records_in", res.Lines, "taken", res.Taken, "rows_out", res.Events, "rejected", res.Rejects, "unmatched", res.Unmatched,
		"dropped", res.Dropped, "rows_by_mapping", res.EventsByMapping,
		"conversions_failed", res.ConversionsFailed, "objects", res.Objects, "bytes_in", res.BytesIn, "bytes_out", res.BytesOut,
		"duration_ms", took.Milliseconds())
	if res.Removed > 0 || len(res.Stale) > 0 {
		log.Info("replaced what an earlier run made of this content", "removed", res.Removed, "stale", res.Stale)
	}
	if found := res.Inputs[0].Found; len(found) > 0 {
		log.Info("the object is not one alert on each line", "found", found[0])
	}
	if g := res.Guests; g != (engine.GuestCounts{}) {
		log.Info("WebAssembly", "changed", g.Changed, "dropped", g.Dropped, "refused", g.Refused, "failed", g.Failed, "failures_skipped", g.Skipped)
	}
	if res.Rejects+res.Unmatched > 0 {
		in := res.Inputs[0]
		log.Warn("some lines did not become events", "rejects_in", inv.config.rejectsFor(w.ref).String(), "rejects", in.Rejects, "unmatched", in.Unmatched)
	}
}

func (inv *invocation) count(f func()) {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	f()
}

func (inv *invocation) add(res *pipeline.Result) {
	inv.objs++
	t, m := &inv.tally, &inv.metrics
	t.Counts.Add(res.Counts)
	t.AddEvents(res.EventsByMapping)
	t.Objects += res.Objects
	t.BytesIn += res.BytesIn
	t.BytesOut += res.BytesOut
	t.ConversionsFailed += res.ConversionsFailed
	t.Removed += res.Removed
	t.Stale = append(t.Stale, res.Stale...)
	m.RecordsIn, m.Taken, m.RowsOut, m.Rejected, m.Unmatched, m.Dropped = t.Lines, t.Taken, t.Events, t.Rejects, t.Unmatched, t.Dropped
	m.RowsByMapping = t.EventsByMapping
	m.BytesIn, m.BytesOut = t.BytesIn, t.BytesOut
}
