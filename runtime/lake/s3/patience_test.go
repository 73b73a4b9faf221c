package s3_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// A patient client sends a request again as long as there is time, and no longer; what
// no retry helps it sends once.
func TestPatience(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, test := range []struct {
		name        string
		status, bad int
		code        string
		time        time.Duration
		least, most int
		succeeds    bool
	}{
		{"a busy minute", 503, 5, "SlowDown", time.Minute, 6, 6, true},
		{"busy for longer than there is time", 503, 1000, "SlowDown", 4 * time.Second, 2, 40, false},
		{"no time", 503, 1000, "SlowDown", 0, 1, 1, false},
		{"forbidden", 403, 1000, "AccessDenied", time.Minute, 2, 2, false}, // the second asks for the reason
	} {
		t.Run(test.name, func(t *testing.T) {
			server := s3test.New(t, "raw")
			server.Put("raw", "k", []byte("x"))
			left := test.bad
			server.Intercept = func(w http.ResponseWriter, _ s3test.Request) bool {
				if left--; left < 0 {
					return false
				}
				s3test.Fail(w, test.status, test.code)
				return true
			}
			c := client(t, server.URL, s3.Options{Patient: true})
			began := time.Now()
			ctx := s3.RetryUntil(t.Context(), began.Add(test.time))
			_, err := c.Input(ctx, s3.Ref{Bucket: "raw", Key: "k"})
			if n := len(server.Requests()); (err == nil) != test.succeeds || n < test.least || n > test.most || time.Since(began) > test.time+time.Second || s3.Retried(ctx) != (test.status == 503) {
				t.Errorf("%d requests in %s: %v", n, time.Since(began), err)
			}
		})
	}
}
