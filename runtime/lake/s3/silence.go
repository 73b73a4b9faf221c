package s3

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// silence is that a server did not answer before the context of a request ended.
type silence struct {
	server string
	time   time.Duration
}

// Silent returns which server a request of a context of RetryUntil waited for when the context
// ended, and for how long: that time did not go into the work. It is "" for none.
func Silent(ctx context.Context) (server string, waited time.Duration) {
	if u, ok := ctx.Value(untilKey{}).(*untilValue); ok {
		if s := u.silent.Load(); s != nil {
			return s.server, s.time
		}
	}
	return "", 0
}

// note notes a silence, if it is the longest.
func (u *untilValue) note(s silence) {
	for {
		before := u.silent.Load()
		if before != nil && before.time >= s.time || u.silent.CompareAndSwap(before, &s) {
			return
		}
	}
}

// listening notes the silence of servers.
type listening struct{ next aws.HTTPClient }

// Do sends a request.
func (l listening) Do(r *http.Request) (*http.Response, error) {
	began := time.Now()
	response, err := l.next.Do(r)
	if u, ok := r.Context().Value(untilKey{}).(*untilValue); ok && err != nil && r.Context().Err() != nil {
		u.note(silence{r.URL.Host, time.Since(began)})
	}
	return response, err
}

// noCredentials notes the silence of the token service: several requests wait for one of its
// answers, and the request for that goes on when their contexts end.
func noCredentials(ctx context.Context, err error) {
	if u, ok := ctx.Value(untilKey{}).(*untilValue); ok && strings.Contains(err.Error(), "get identity: ") {
		u.note(silence{"the token service (STS)", time.Since(u.began)})
	}
}
