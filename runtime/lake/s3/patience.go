package s3

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

type untilKey struct{}

type untilValue struct {
	began, time time.Time
	again       atomic.Bool // a request was sent again
	silent      atomic.Pointer[silence]
}

// RetryUntil returns a context in which a Client with Options.Patient sends a request
// that failed again until this time.
func RetryUntil(ctx context.Context, until time.Time) context.Context {
	return context.WithValue(ctx, untilKey{}, &untilValue{began: time.Now(), time: until})
}

// sentAgain notes that a request of the context has to be sent again.
func sentAgain(ctx context.Context) {
	if u, ok := ctx.Value(untilKey{}).(*untilValue); ok {
		u.again.Store(true)
	}
}

// Retried reports whether a request of a context of RetryUntil had to be sent again: then
// its time did not go into the work alone.
func Retried(ctx context.Context) bool {
	u, ok := ctx.Value(untilKey{}).(*untilValue)
	return ok && u.again.Load()
}

// patient retries by time. The quota of the SDK's own is not for it: it is there to fail
// early, and to fail early would only mean to come back.
type patient struct{ *retry.Standard }

func newPatient() patient {
	return patient{retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.MaxBackoff = longestPause
		resend(o)
	})}
}

// resend lets a request be sent again that the SDK gives up: its answer broke off, it was changed
// on its way, or it met another one for the same key.
func resend(o *retry.StandardOptions) {
	o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
		if brokeOff(err) || spoilt(err) || code(err) == "OperationAborted" {
			return aws.TrueTernary
		}
		return aws.UnknownTernary
	}))
}

// newRetryer makes the SDK's own retryer of a mode, which also sends again what resend says.
func newRetryer(mode aws.RetryMode) aws.Retryer {
	if mode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, resend) })
	}
	return retry.NewStandard(resend)
}

// longestPause is the longest pause before a request is sent again.
const longestPause = 2 * time.Second

// MaxAttempts sets no bound.
func (patient) MaxAttempts() int { return 0 }

var errPatience = errors.New("the time for retries is over")

// GetRetryToken permits another attempt if its pause is over by the time of RetryUntil, or
// else the deadline of the context.
func (p patient) GetRetryToken(ctx context.Context, cause error) (func(error) error, error) {
	sentAgain(ctx)
	until, ok := ctx.Deadline()
	if u, has := ctx.Value(untilKey{}).(*untilValue); has {
		until, ok = u.time, true
	}
	if !ok || time.Now().Add(longestPause).After(until) {
		return nil, errPatience
	}
	return p.Standard.GetRetryToken(ctx, cause)
}

var _ aws.Retryer = patient{}
