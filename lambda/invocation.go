package lambda

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
)

// invocation is one call of the function.
type invocation struct {
	*function
	log   *slog.Logger
	ctx   context.Context
	began time.Time

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

// convert reads, maps and writes one object, as soon as there is memory for it.
func (inv *invocation) convert(w *work) error {
	set, err := inv.current(inv.config.rejectsFor(w.ref))
	if err != nil {
		return err
	}
	input, err := inv.own.Input(inv.ctx, w.ref)
	if err != nil {
		return err
	}
	return inv.run(set, w, input.Size, input)
}

// run converts inputs of so many bytes as one.
func (inv *invocation) run(set *set, w *work, size int64, inputs ...source.Input) error {
	share := inv.memory.Open(min(runBytes, inv.memory.Total()/3*2), size)
	defer share.Close()
	if err := share.Take(inv.ctx, memory.Reading, objectBytes); err != nil {
		return &notBegun{err}
	}
	if err := inv.timeLeft(); err != nil {
		return &notBegun{err}
	}
	inv.enter(w)
	defer inv.leave(w)
	c := inv.pipeline(set, w, inputs, share)
	result, err := pipeline.Run(inv.ctx, c)
	w.result = *result
	if i, ok := c.Ledger.(*intents); ok {
		err = i.after(err)
	}
	if inv.poisoned(w, err) {
		return &poison{w.ref, size, c.Progress.Lines.Load(), time.Since(w.entered)}
	}
	if large := (*memory.TooLarge)(nil); errors.As(err, &large) {
		return fmt.Errorf("%w; give the function %d MB, which suffice for objects of any size, or convert this one with `sluice run %s`", large, leastMemory>>20, w.ref)
	}
	return err
}

// runBytes is what a run can use of the memory, as a rule: rows held for sorting, row
// groups being encoded, and the chunks behind them. With little memory it is less, so that
// a small object need not wait for a large one.
const runBytes = 96 << 20

// objectBytes is the memory that an object takes besides what its run counts: its
// connections, and what is in progress in them.
const objectBytes = 4 << 20

// curable reports whether the same object may succeed later by itself.
func curable(err error) bool {
	if errors.As(err, new(*noMapping)) {
		return true
	}
	return !errors.As(err, new(*memory.TooLarge)) && !errors.As(err, new(*poison)) && s3.Curable(err)
}

// notBegun is the error of an object for which there was no time or memory: nothing was
// done, and nothing is wrong with it.
type notBegun struct{ error }

func (n *notBegun) Error() string { return "not begun: " + n.error.Error() }
func (n *notBegun) Unwrap() error { return n.error }

// timeLeft returns an error when an object begun now would probably not finish:
// when less time is left than the slowest one of this invocation took.
func (inv *invocation) timeLeft() error {
	if inv.ctx.Err() != nil {
		return context.Cause(inv.ctx)
	}
	deadline, ok := inv.ctx.Deadline()
	if !ok {
		return nil
	}
	inv.mu.Lock()
	need := inv.slowest
	inv.mu.Unlock()
	if left := time.Until(deadline); left < need {
		return fmt.Errorf("%w (%s are left, and another object took %s)", errTime, left.Round(time.Millisecond), need.Round(time.Millisecond))
	}
	return nil
}

// pipeline makes the same settings as the command line, so that both write the
// same objects.
func (inv *invocation) pipeline(s *set, w *work, inputs []source.Input, share *memory.Share) pipeline.Config {
	c := inv.config
	sink := func(at s3.Ref) *s3.Sink {
		s := inv.own.NewSink(at, c.sse)
		s.Memory = share
		return s
	}
	rejects := sink(c.rejectsFor(w.ref))
	p := pipeline.Config{
		Memory: share, Progress: &pipeline.Progress{},
		Engine: s.engine, Inputs: inputs, Merge: len(inputs) > 1, EarlyIdentity: true, Workers: runtime.GOMAXPROCS(0),
		Sources: s.sources, Region: c.Region, Account: c.Account,
		Out:     inv.lake.NewSink(s3.Ref{Bucket: c.bucket}, c.sse, share, s.several()),
		Rejects: rejects, GzipRejects: true,
		Ledger: rejects.Ledger(), Place: c.Out, Copies: c.OCSFJSON, MappingNames: c.Mappings, Strict: c.Strict, Variant: pipeline.Variant(c.Strict, s.guests.Digest()), Overwrite: w.overwrite, LeavesPlan: w.leaves, Pending: w.pending,
		UndoCommand: "sluice compact --undo --apply --rejects " + c.rejectsFor(w.ref).String() + " " + c.Out,
	}
	if w.message != nil {
		p.Ledger = &intents{Ledger: p.Ledger, inv: inv, work: w}
	}
	p.TakeDays(&c.Settings, time.Now())
	if c.ocsfBucket != "" {
		p.JSON = sink(s3.Ref{Bucket: c.ocsfBucket})
	}
	return p
}

// rejectsFor is where the rejects of an object go.
func (c *config) rejectsFor(ref s3.Ref) s3.Ref {
	switch {
	case c.rejects.Bucket != "":
		return c.rejects
	case c.ocsfBucket != "":
		return s3.Ref{Bucket: c.ocsfBucket, Key: "rejects"}
	}
	return s3.Ref{Bucket: ref.Bucket, Key: "rejects"}
}

// refuse says why an object must not be read, "" when it may: the function wrote
// it. Reading it would write another of its kind, which would call the function
// again, and so on.
func (c *config) refuse(ref s3.Ref) string {
	if c.underRejects(ref) {
		own := c.rejectsFor(ref)
		return "the function writes its rejects under " + own.String() + "/: call it with the file, or use `sluice replay " + own.String() + "`, to run them again"
	}
	if (ref.Bucket == c.bucket || ref.Bucket == c.ocsfBucket) && strings.HasPrefix(ref.Key, "ext/") {
		return "the function writes its events under ext/ of this bucket"
	}
	return ""
}
