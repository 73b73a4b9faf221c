package lambda

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/source"
)

// round is one invocation.
type round struct {
	*function
	log   *slog.Logger
	ctx   context.Context
	began time.Time

	mu      sync.Mutex
	once    map[s3.Ref]*work // every object of the event, done once
	tally   pipeline.Tally
	objs    int64 // objects done
	slowest time.Duration
	metrics metrics

	rulesOnce  sync.Once
	engine     *engine.Engine
	rulesFault error
}

// mappings gives the rules, the same ones for all objects of the invocation.
func (r *round) mappings() (*engine.Engine, error) {
	r.rulesOnce.Do(func() {
		var fault error
		r.engine, fault, r.rulesFault = r.rules.current(r.ctx, r.began)
		if fault != nil {
			r.count(func() { r.metrics.MappingFailures++ })
			r.log.Error("the mapping in the bucket is not applied; the last good one stays", "error", fault.Error(), "have_good_one", r.engine != nil)
		}
	})
	return r.engine, r.rulesFault
}

// work is one object. Its fields are for others once done is closed.
type work struct {
	ref     s3.Ref
	done    chan struct{}
	refused string // why it is left out, "" when it is not
	err     error
	result  pipeline.Result
}

func (w *work) summary() string {
	return fmt.Sprintf("%d lines, %d events, %d rejects, %d unmatched", w.result.Lines, w.result.Events, w.result.Rejects, w.result.Unmatched)
}

// objects works on the targets side by side, each object once in an
// invocation however often it is named, and waits for them. Its results are
// those of the targets that are not ignored.
func (r *round) objects(found []target) []*work {
	var all []*work
	for _, t := range found {
		if t.ignored != "" {
			r.log.Info("nothing to do", "bucket", t.ref.Bucket, "key", t.ref.Key, "reason", t.ignored)
			continue
		}
		all = append(all, r.begin(t.ref))
	}
	for _, w := range all {
		<-w.done
	}
	return all
}

func (r *round) begin(ref s3.Ref) *work {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.once[ref]
	if w == nil {
		w = &work{ref: ref, done: make(chan struct{})}
		r.once[ref] = w
		go func() {
			defer close(w.done)
			r.object(w)
		}()
	}
	return w
}

// object does one object and says so.
func (r *round) object(w *work) {
	log := r.log.With("bucket", w.ref.Bucket, "key", w.ref.Key)
	if w.refused = r.config.refuse(w.ref); w.refused != "" {
		log.Warn("left out", "reason", w.refused)
		r.count(func() { r.metrics.ObjectsSkipped++ })
		return
	}
	began := time.Now()
	if w.err = r.convert(w); w.err != nil {
		log.Error("failed; it must come again", "error", w.err.Error(), "retry_helps", s3.Curable(w.err))
		r.count(func() { r.metrics.ObjectsFailed++ })
		return
	}
	took := time.Since(began)
	res := &w.result
	r.count(func() {
		r.slowest = max(r.slowest, took)
		r.add(res)
	})
	log.Info("done", "records_in", res.Lines, "rows_out", res.Events, "rejected", res.Rejects, "unmatched", res.Unmatched,
		"conversions_failed", res.ConversionsFailed, "objects", res.Objects, "bytes_in", res.BytesIn, "bytes_out", res.BytesOut,
		"duration_ms", took.Milliseconds())
	if g := res.Guests; g != (engine.GuestCounts{}) {
		log.Info("WebAssembly", "changed", g.Changed, "dropped", g.Dropped, "refused", g.Refused, "failures_skipped", g.Skipped)
	}
	if res.Rejects+res.Unmatched > 0 {
		in := res.Inputs[0]
		log.Warn("some lines are no events", "rejects_in", r.config.rejectsFor(w.ref).String(), "rejects", in.Rejects, "unmatched", in.Unmatched)
	}
}

func (r *round) count(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

func (r *round) add(res *pipeline.Result) {
	r.objs++
	t, m := &r.tally, &r.metrics
	t.Counts.Add(res.Counts)
	t.Objects += res.Objects
	t.BytesIn += res.BytesIn
	t.BytesOut += res.BytesOut
	t.ConversionsFailed += res.ConversionsFailed
	m.RecordsIn, m.RowsOut, m.Rejected, m.Unmatched = t.Lines, t.Events, t.Rejects, t.Unmatched
	m.BytesIn, m.BytesOut = t.BytesIn, t.BytesOut
}

// convert reads, maps and writes one object, when there are memory and time.
func (r *round) convert(w *work) error {
	e, err := r.mappings()
	if err != nil {
		return err
	}
	in, err := r.own.Input(r.ctx, w.ref)
	if err != nil {
		return err
	}
	give, err := r.room.take(r.ctx, weigh(in.Size))
	if err != nil {
		return fmt.Errorf("not begun: %w", err)
	}
	defer give()
	if err := r.timeLeft(); err != nil {
		return err
	}
	result, err := pipeline.Run(r.ctx, r.pipeline(e, w.ref, in))
	w.result = *result
	return err
}

// timeLeft is an error when an object that is begun now would probably not
// end: when less is left than the slowest one of this invocation took.
func (r *round) timeLeft() error {
	if r.ctx.Err() != nil {
		return fmt.Errorf("not begun: %w", context.Cause(r.ctx))
	}
	deadline, ok := r.ctx.Deadline()
	if !ok {
		return nil
	}
	r.mu.Lock()
	need := r.slowest
	r.mu.Unlock()
	if left := time.Until(deadline); left < need {
		return fmt.Errorf("not begun: %w (%s are left, and another object took %s)", errTime, left.Round(time.Millisecond), need.Round(time.Millisecond))
	}
	return nil
}

// pipeline has the same settings as the command line's, so that both write the
// same objects.
func (r *round) pipeline(e *engine.Engine, ref s3.Ref, in source.Input) pipeline.Config {
	c := r.config
	p := pipeline.Config{
		Engine: e, Inputs: []source.Input{in}, EarlyIdentity: true, Workers: runtime.GOMAXPROCS(0),
		Source: c.source, Region: c.region, Account: c.account,
		Out:     r.lake.NewSink(s3.Ref{Bucket: c.bucket}, c.sse),
		Rejects: r.own.NewSink(c.rejectsFor(ref), c.sse), GzipRejects: true,
	}
	if c.ocsfBucket != "" {
		p.JSON = r.own.NewSink(s3.Ref{Bucket: c.ocsfBucket}, c.sse)
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

// refuse says why an object is not read: the function wrote it. Reading it
// would write another one of its kind, which would call the function again,
// and so on.
func (c *config) refuse(ref s3.Ref) string {
	own := c.rejectsFor(ref)
	if ref.Bucket == own.Bucket && strings.HasPrefix(ref.Key, own.Key+"/") {
		return "the function writes its rejects under " + own.String() + "/: run them again with `sluice run " + ref.String() + "`, or from another prefix"
	}
	if (ref.Bucket == c.bucket || ref.Bucket == c.ocsfBucket) && strings.HasPrefix(ref.Key, "ext/") {
		return "the function writes its events under ext/ of this bucket"
	}
	return ""
}

// response is what the caller hears. The first three are the guide's.
type response struct {
	Size          int64 `json:"size"`
	UploadSuccess bool  `json:"upload_success"`
	OCSFUpload    bool  `json:"ocsf_upload"`

	Inputs int64 `json:"inputs"`
	pipeline.Tally
	Failed  int64   `json:"failed"`
	Skipped int64   `json:"skipped"`
	Seconds float64 `json:"seconds"`

	BatchItemFailures *[]batchFailure `json:"batchItemFailures,omitempty"`
}

func (r *round) response() *response {
	t, ok := r.tally, r.metrics.ObjectsFailed == 0
	return &response{
		Size: t.Lines, UploadSuccess: ok, OCSFUpload: ok && r.config.ocsfBucket != "",
		Inputs: r.objs, Tally: t,
		Failed: r.metrics.ObjectsFailed, Skipped: r.metrics.ObjectsSkipped, Seconds: time.Since(r.began).Seconds(),
	}
}
