package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// function is what a warm function keeps between invocations.
type function struct {
	config config
	log    *slog.Logger
	out    io.Writer  // for metrics
	own    *s3.Client // reads alerts and mappings, writes rejects and copies
	lake   *s3.Client // writes the lake
	rules  *rules
	room   *room
	warm   bool
}

func newFunction(ctx context.Context, getenv func(string) string, out, log io.Writer) (*function, error) {
	c, err := readConfig(getenv)
	f := &function{config: c, log: newLog(log, c), out: out, room: newRoom(c.memory)}
	own, ownErr := s3.NewClient(ctx, s3.Options{Endpoint: c.endpoint})
	role, roleErr := s3.NewClient(ctx, s3.Options{Endpoint: c.endpoint, Region: c.region, RoleARN: c.roleARN, ExternalID: c.externalID})
	f.own, f.lake = own, role
	f.rules = &rules{config: c, client: own, log: f.log}
	// A mapping in the package is compiled now, so that its faults are told
	// with those of the environment. One in a bucket waits for an invocation:
	// what is wrong there may be mended without another start.
	err = errors.Join(err, ownErr, roleErr, f.rules.packaged())
	if err != nil {
		return nil, err
	}
	for _, w := range c.warnings {
		f.log.Warn(w)
	}
	return f, nil
}

// handle is one invocation.
func (f *function) handle(ctx context.Context, event json.RawMessage) (any, error) {
	began := time.Now()
	ctx, cancel := f.bounded(ctx, began)
	defer cancel()
	r := &round{function: f, log: withRequest(ctx, f.log), ctx: ctx, began: began, once: map[s3.Ref]*work{}}
	r.metrics.Source = f.config.source
	if !f.warm {
		f.warm, r.metrics.ColdStart = true, 1
	}
	answer, err := r.answer(event)
	r.metrics.TransformMillis = time.Since(began).Milliseconds()
	if werr := r.metrics.write(f.out, time.Now()); werr != nil {
		r.log.Error("the metrics could not be written", "error", werr.Error())
	}
	if err != nil {
		r.log.Error("the invocation failed; it must come again", "error", err.Error())
	}
	return answer, err
}

var errTime = errors.New("the function's time ran out: give it more time or memory, or make smaller objects")

// bounded ends the work while there is time left to take unfinished uploads
// back and to answer.
func (f *function) bounded(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	margin := min(max(deadline.Sub(now)/5, 300*time.Millisecond), 3*time.Second)
	return context.WithDeadlineCause(ctx, deadline.Add(-margin), errTime)
}

// answer finds out what kind of event it is and does it.
func (r *round) answer(event json.RawMessage) (any, error) {
	var s shape
	if err := s.read(event); err != nil {
		return nil, err
	}
	if s.testEvent() {
		r.log.Info("a test event of S3: notifications arrive here")
		return r.response(), nil
	}
	switch s.kind() {
	case kindSQS:
		return r.sqs(s)
	case kindBatch:
		return r.batch(s)
	case kindS3, kindSNS, kindEventBridge, kindDirect:
		found, err := s.targets()
		if err != nil {
			return nil, err
		}
		return r.all(found)
	}
	return nil, fmt.Errorf("the event is of no kind that is known here (S3, SNS, SQS, EventBridge, S3 Batch Operations, {\"bucket\":…,\"key\":…}): see which trigger calls the function")
}

// all is for triggers that know but one answer for the whole event.
func (r *round) all(found []target) (any, error) {
	var errs []error
	for _, w := range r.objects(found) {
		errs = append(errs, w.err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return r.response(), nil
}
