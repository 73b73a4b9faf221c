package s3

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

type untilKey struct{}

// RetryUntil returns a context in which a Client with Options.Patient sends a request
// that failed again until this time.
func RetryUntil(ctx context.Context, until time.Time) context.Context {
	return context.WithValue(ctx, untilKey{}, until)
}

// patient retries by time. The quota of the SDK's own is not for it: it is there to fail
// early, and to fail early would only mean to come back.
type patient struct{ *retry.Standard }

func newPatient() patient {
	return patient{retry.NewStandard(func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		o.MaxBackoff = longestPause
	})}
}

// longestPause is the longest pause before a request is sent again.
const longestPause = 5 * time.Second

// MaxAttempts sets no bound.
func (patient) MaxAttempts() int { return 0 }

var errPatience = errors.New("the time for retries is over")

// GetRetryToken permits another attempt until the time of RetryUntil, or else the
// deadline of the context.
func (p patient) GetRetryToken(ctx context.Context, cause error) (func(error) error, error) {
	until, ok := ctx.Value(untilKey{}).(time.Time)
	if !ok {
		until, ok = ctx.Deadline()
	}
	if !ok || time.Now().After(until) {
		return nil, errPatience
	}
	return p.Standard.GetRetryToken(ctx, cause)
}

var _ aws.Retryer = patient{}
