package s3_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// cutting is a server whose answers end before all that they announce. Cut says of an answer, by
// its number, how much of it arrives, as a part of a hundred; 100 leaves it as it is.
func cutting(t *testing.T, server *s3test.Server, cut func(n int64) int) string {
	var n atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, r)
		body, part := answer.Body.Bytes(), 100
		if r.Method == http.MethodGet && len(body) > 0 {
			part = cut(n.Add(1))
		}
		maps.Copy(w.Header(), answer.Header())
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body[:len(body)*part/100]) // a client that went away hears nothing
		if part < 100 {
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// readers are all ways to read what is small: listings, manifests, notes, mappings, states, and
// blocks of objects.
var readers = map[string]func(ctx context.Context, c *s3.Client) (string, error){
	"tags": func(ctx context.Context, c *s3.Client) (string, error) {
		tags, err := c.Tags(ctx, s3.Ref{Bucket: "b", Key: "many/"})
		return fmt.Sprint(tags), err
	},
	"listing": func(ctx context.Context, c *s3.Client) (string, error) {
		found, err := c.List(ctx, s3.Ref{Bucket: "b", Key: "many/"})
		return fmt.Sprint(len(found)), err
	},
	"mapping": func(ctx context.Context, c *s3.Client) (string, error) {
		text, tag, err := c.Changed(ctx, s3.Ref{Bucket: "b", Key: "state"}, "", 1<<20)
		return string(text) + tag, err
	},
	"manifest": func(ctx context.Context, c *s3.Client) (string, error) {
		m, err := c.NewSink(s3.Ref{Bucket: "b"}, s3.Encryption{}).Ledger().Load(ctx, "0123")
		if m == nil {
			return "", err
		}
		return m.Name, err
	},
	"notes": func(ctx context.Context, c *s3.Client) (string, error) {
		notes, err := c.NewSink(s3.Ref{Bucket: "b"}, s3.Encryption{}).Ledger().Notes(ctx, "many")
		return fmt.Sprint(notes), err
	},
	"note": func(ctx context.Context, c *s3.Client) (string, error) {
		there, err := c.NewSink(s3.Ref{Bucket: "b"}, s3.Encryption{}).Ledger().Note(ctx, "many/1", []byte("another"))
		return string(there), err
	},
	"state": func(ctx context.Context, c *s3.Client) (string, error) {
		text, err := c.ReadState(ctx, s3.Ref{Bucket: "b", Key: "state"})
		return string(text), err
	},
	"block": func(ctx context.Context, c *s3.Client) (string, error) {
		o := lake.Stored{Key: "large", Bytes: 2<<20 + 5}
		r, err := c.NewSink(s3.Ref{Bucket: "b"}, s3.Encryption{}).Open(ctx, o)
		if err != nil {
			return "", err
		}
		text, err := io.ReadAll(io.NewSectionReader(r, 7, o.Bytes))
		return string(text), err
	},
}

// An answer that breaks off, wherever, is asked for again: nobody learns of it. One that always
// does is an error that passes, and says so.
func TestAnswersThatBreakOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	server := s3test.New(t, "b")
	for i := range 5 {
		server.Put("b", fmt.Sprintf("many/%d", i), []byte(strings.Repeat(strconv.Itoa(i), 100)))
	}
	server.Put("b", lake.ManifestKey("0123"), (&lake.Manifest{ID: "0123", Name: "the input"}).Encode())
	server.Put("b", "state", []byte(`{"holder":"somebody","state":{"n":1}}`))
	server.Put("b", "large", noise(2<<20+5))
	server.PageKeys = 3
	whole := client(t, server.URL, s3.Options{})
	other := client(t, cutting(t, server, func(n int64) int { return []int{100, int(n * 37 % 100)}[n%2] }), s3.Options{})
	patient := client(t, cutting(t, server, func(n int64) int { return []int{50, 100, 0}[n%3] }), s3.Options{Patient: true})
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	never := client(t, cutting(t, server, func(int64) int { return 50 }), s3.Options{})
	ctx := s3.RetryUntil(t.Context(), time.Now().Add(time.Minute))
	var all sync.WaitGroup
	for name, reads := range readers {
		want, err := reads(t.Context(), whole)
		if err != nil || want == "" {
			t.Fatalf("%s: %q, %v", name, want, err)
		}
		all.Go(func() {
			for kind, c := range map[string]*s3.Client{"every other": other, "most": patient} {
				if got, err := reads(ctx, c); got != want || err != nil {
					t.Errorf("%s, where %s answer breaks off: %.60q, not %.60q: %v", name, kind, got, want, err)
				}
			}
			if _, err := reads(ctx, never); err == nil || !s3.Curable(err) || !strings.Contains(err.Error(), "wait and run it again") {
				t.Errorf("%s, where each answer breaks off: %v", name, err)
			}
		})
	}
	all.Wait()
	if !s3.Retried(ctx) {
		t.Error("nothing was sent again")
	}
}

// A request that was spoilt on its way, or met another one, is sent again.
func TestSpoiltRequestsAreSentAgain(t *testing.T) {
	server := s3test.New(t, "b")
	sink := client(t, server.URL, s3.Options{}).NewSink(s3.Ref{Bucket: "b"}, s3.Encryption{})
	for _, code := range []string{"BadDigest", "IncompleteBody", "XAmzContentChecksumMismatch", "OperationAborted"} {
		tries := 0
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if tries++; tries == 1 {
				s3test.Fail(w, map[bool]int{true: 409, false: 400}[code == "OperationAborted"], code)
				return true
			}
			return false
		}
		if err := sink.Overwrite(t.Context(), "k", []byte("text")); err != nil || tries != 2 {
			t.Errorf("%s: %d requests, %v", code, tries, err)
		}
	}
}
