package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/memory"
	"github.com/sluice-lake/sluice/runtime/version"
)

// function is what a warm function keeps between invocations.
type function struct {
	config   config
	log      *slog.Logger
	out      io.Writer  // for metrics
	own      *s3.Client // reads alerts and mappings, writes rejects and copies
	lake     *s3.Roles  // writes the lake
	mappings *mappings
	memory   *memory.Account // that all objects share
	letters
	warm bool
}

// newFunction reads the environment and compiles the mappings of the package. With
// an error the function has its config and nothing that works.
func newFunction(ctx context.Context, getenv func(string) string, out, log io.Writer) (*function, error) {
	defer mapping.CollectLess()()
	c, err := readConfig(getenv)
	f := &function{config: c, log: newLog(log, c), out: out, memory: memory.New(memory.Of(c.memoryLimit()), true)}
	build := version.Of()
	f.log.Info("sluice starts", "version", build.Number, "commit", build.Commit)
	own, ownErr := s3.NewClient(ctx, s3.Options{Endpoint: c.Endpoint, Patient: true, Owner: c.BucketAccount, Warn: f.warn})
	f.own = own
	f.lake = s3.NewRoles(s3.Options{Endpoint: c.Endpoint, Patient: true, ExternalID: c.ExternalID, Owner: c.LakeAccount, Warn: f.warn},
		func(source string) string { return s3.RoleOf(c.RoleARN, c.Region, c.Roles, source) })
	f.mappings = &mappings{config: c, client: own, log: f.log}
	// A mapping in the package is compiled now, so that its faults are reported
	// with those of the environment. One in a bucket waits for an invocation: it
	// can be fixed there without another start.
	err = errors.Join(err, ownErr, f.mappings.packaged())
	if err != nil {
		return f, err
	}
	for _, w := range c.Warnings {
		f.log.Warn(w)
	}
	return f, nil
}

func (f *function) warn(err error) { f.log.Warn(err.Error()) }

// handle is one invocation.
func (f *function) handle(ctx context.Context, event json.RawMessage) (any, error) {
	began := time.Now()
	end, _ := ctx.Deadline()
	ctx, cancel := f.bounded(ctx, began)
	defer cancel()
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		ctx = s3.WithSession(ctx, lc.AwsRequestID)
	}
	inv := &invocation{
		function: f, log: withRequest(ctx, f.log), ctx: ctx, began: began, end: end,
		once: map[s3.Ref]*work{}, inside: map[*work]bool{}, slots: make(chan struct{}, atOnce),
	}
	inv.metrics.Source, inv.metrics.Service = f.config.Source, f.config.Service
	if !f.warm {
		memory.LargePages() // not before: the host waits for the function to start
		f.warm, inv.metrics.ColdStart = true, 1
	}
	answer, err := inv.answer(event)
	inv.mappingFault(inv.mappings.settle(ctx))
	inv.metrics.TransformMillis = time.Since(began).Milliseconds()
	if werr := inv.metrics.write(f.out, time.Now()); werr != nil {
		inv.log.Error("the metrics could not be written", "error", werr.Error())
	}
	if err != nil && !errors.As(err, new(*objectsFailed)) {
		inv.log.Error("the invocation failed", "error", err.Error())
	}
	return answer, err
}

var errTime = errors.New("the function's time ran out: give it more time or memory, or make smaller objects")

// bounded ends the work while there is time left to abort unfinished uploads and
// to answer.
func (f *function) bounded(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	whole := deadline.Sub(now)
	margin := min(max(whole/5, 300*time.Millisecond), 3*time.Second)
	return context.WithDeadlineCause(s3.RetryUntil(ctx, now.Add(whole/5*4)), deadline.Add(-margin), errTime)
}

// answer detects the kind of the event and handles it.
func (inv *invocation) answer(event json.RawMessage) (any, error) {
	var s shape
	if err := s.read(event); err != nil {
		return nil, err
	}
	if s.testEvent() {
		inv.log.Info("received a test event of S3: notifications arrive")
		return inv.response(), nil
	}
	switch s.kind() {
	case kindSQS:
		return inv.sqs(s)
	case kindBatch:
		return inv.batch(s)
	case kindCheck:
		return inv.check(s.Check)
	case kindFlush:
		return inv.flush(s.All)
	case kindDoctor:
		return inv.doctor()
	case kindS3, kindSNS, kindEventBridge, kindDirect:
		list := s.list != nil
		if err := checkList(len(s.list), len(event)); list && err != nil {
			return nil, err
		}
		found, err := s.targets()
		if err != nil {
			return nil, err
		}
		if list {
			return inv.directList(found)
		}
		return inv.all(found)
	}
	return nil, errors.New(`the event is of no supported kind (S3, SNS, SQS, EventBridge, S3 Batch Operations, {"bucket":…,"key":…}, {"check":…}, {"flush":true}, {"doctor":true}): check which trigger calls the function`)
}

// all is for triggers that accept only one answer for the whole event.
func (inv *invocation) all(found []target) (any, error) {
	var errs []error
	for _, w := range inv.objects(found) {
		errs = append(errs, w.err)
	}
	if err := joined(errs); err != nil {
		return nil, err
	}
	return inv.response(), nil
}

// mostErrors is how many errors the error of an event quotes. Lambda takes no answer of over
// 6 MB.
const mostErrors = 20

// joined makes one error of those of an event's objects, nil for none.
func joined(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	if more := len(errs) - mostErrors; more > 0 {
		errs = append(errs[:mostErrors], fmt.Errorf("and %d objects more failed: the log has each of them", more))
	}
	return &objectsFailed{errors.Join(errs...)}
}

// objectsFailed is the error of an event some of whose objects failed. The log has each
// of them already.
type objectsFailed struct{ error }

func (f *objectsFailed) Unwrap() error { return f.error }
