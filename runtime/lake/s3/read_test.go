package s3_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/source"
)

func client(t testing.TB, url string, o s3.Options) *s3.Client {
	t.Helper()
	s3test.Setenv(t, url)
	c, err := s3.NewClient(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(n)})
	_, _ = r.Read(b)
	return b
}

// read reads an object to its end.
func read(ctx context.Context, c *s3.Client, ref s3.Ref) ([]byte, error) {
	in, err := c.Input(ctx, ref)
	if err != nil {
		return nil, err
	}
	rc, err := in.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	return io.ReadAll(rc)
}

func TestAnObjectIsReadAsItIs(t *testing.T) {
	server := s3test.New(t, "raw")
	c := client(t, server.URL, s3.Options{})
	for _, key := range []string{"a.txt", "20240417/ls.s3.x.part0.txt.gz", "a b+c%25é=.txt", "a//b", "dot/./x"} {
		want := noise(3<<20 + len(key))
		server.Put("raw", key, want)
		ref := s3.Ref{Bucket: "raw", Key: key}
		in, err := c.Input(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if in.Name != "s3://raw/"+key || in.Size != int64(len(want)) || in.Identity != "" || !in.Remote || in.Modified.IsZero() {
			t.Errorf("%s is %+v", key, in)
		}
		if got, err := read(t.Context(), c, ref); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
}

// A small object comes with one request, and is what Input says of it. One that is larger is
// not read.
func TestASmallObjectTakesOneRequest(t *testing.T) {
	const most = 5000
	server := s3test.New(t, "raw")
	proxy := s3test.NewProxy(t, server.URL)
	c := client(t, proxy.URL, s3.Options{})
	ref := s3.Ref{Bucket: "raw", Key: "k"}
	for _, size := range []int{0, 1, most - 1, most, most + 1, 3 << 20} {
		want := noise(size)
		server.Put("raw", "k", want)
		if size == most {
			proxy.Set(s3test.Weather{DownBytes: 3000}) // the stream breaks, too
		}
		before := len(server.Requests())
		small, err := c.Small(t.Context(), ref, most)
		if err != nil {
			t.Fatal(err)
		}
		proxy.Set(s3test.Weather{})
		requests := len(server.Requests()) - before
		if size < most && requests != 1 || size > most && requests != 2 {
			t.Errorf("%d bytes took %d requests", size, requests)
		}
		in, err := c.Input(t.Context(), ref)
		if err != nil {
			t.Fatal(err)
		}
		if small.Name != in.Name || small.Size != in.Size || small.Identity != in.Identity || small.Remote != in.Remote || !small.Modified.Equal(in.Modified) {
			t.Errorf("%d bytes: %+v, by Input %+v", size, small, in)
		}
		for range 2 {
			rc, err := small.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(rc); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes: %d, %v", size, len(got), err)
			}
			rc.Close()
		}
	}
	if _, err := c.Small(t.Context(), s3.Ref{Bucket: "raw", Key: "none"}, most); err == nil || s3.Curable(err) {
		t.Errorf("an object that is not there: %v", err)
	}
}

// However often the connection breaks, the bytes are those of the object.
func TestABrokenStreamIsTakenUpAgain(t *testing.T) {
	server := s3test.New(t, "raw")
	proxy := s3test.NewProxy(t, server.URL)
	c := client(t, proxy.URL, s3.Options{})
	want := noise(9 << 20)
	server.Put("raw", "k", want)
	proxy.Set(s3test.Weather{DownBytes: 2 << 20})
	ctx := s3.RetryUntil(t.Context(), time.Now().Add(time.Minute))
	got, err := read(ctx, c, s3.Ref{Bucket: "raw", Key: "k"})
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d of %d bytes, %v", len(got), len(want), err)
	}
	if !s3.Retried(ctx) {
		t.Error("nothing is known of the second try")
	}
	if proxy.Spoilt() < 4 {
		t.Errorf("%d connections: the proxy broke none", proxy.Spoilt())
	}
	proxy.Set(s3test.Weather{DownBytes: 4 << 10})
	_, err = read(t.Context(), c, s3.Ref{Bucket: "raw", Key: "k"})
	if err == nil || !s3.Curable(err) || !strings.Contains(err.Error(), "the stream broke after") {
		t.Errorf("a connection that never holds gives %v", err)
	}
}

// What is replaced or deleted while it is read is an error, not a mixture.
func TestAnObjectThatChangesIsAnError(t *testing.T) {
	server := s3test.New(t, "raw")
	proxy := s3test.NewProxy(t, server.URL)
	c := client(t, proxy.URL, s3.Options{})
	ref := s3.Ref{Bucket: "raw", Key: "k"}
	for name, change := range map[string]func(){
		"replaced": func() { server.Put("raw", "k", noise(9<<20+1)) },
		"deleted":  func() { server.Delete("raw", "k") },
	} {
		for _, began := range []bool{false, true} {
			proxy.Set(s3test.Weather{})
			server.Put("raw", "k", noise(9<<20))
			in, err := c.Input(t.Context(), ref)
			if err != nil {
				t.Fatal(err)
			}
			proxy.Set(s3test.Weather{DownBytes: 2 << 20})
			var rc io.ReadCloser
			if began {
				if rc, err = in.Open(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			change()
			if !began {
				rc, err = in.Open(t.Context())
			}
			if err == nil {
				_, err = io.ReadAll(rc)
				rc.Close()
			}
			if err == nil || s3.Curable(err) != (name == "replaced") {
				t.Errorf("%s, begun %v: the error is %v", name, began, err)
			}
		}
	}
}

func TestListingGivesAllKeysOfAPrefix(t *testing.T) {
	server := s3test.New(t, "raw")
	c := client(t, server.URL, s3.Options{})
	var want []string
	for i := range 8 {
		key := fmt.Sprintf("2024/%d&<é", i)
		server.Put("raw", key, noise(i+1))
		want = append(want, "s3://raw/"+key)
	}
	server.Put("raw", "2024/", nil)
	server.Put("raw", "2025/x", noise(1))
	listing, err := c.Expand(t.Context(), s3.Ref{Bucket: "raw", Key: "2024/"}, "")
	if err != nil {
		t.Fatal(err)
	}
	whole := len(server.Requests())
	inputs, err := source.List(t.Context(), []source.Input{listing})
	if err != nil {
		t.Fatal(err)
	}
	pages := len(server.Requests()) - whole + 1 // Expand has looked at the first
	var got []string
	for _, in := range inputs {
		got = append(got, in.Name)
		if one, err := c.Input(t.Context(), mustParse(t, in.Name)); err != nil || one.Identity != in.Identity || one.Size != in.Size {
			t.Errorf("%s is %s when it is listed and %s when it is looked at", in.Name, in.Identity, one.Identity)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	before := len(server.Requests())
	for range 3 {
		for range listing.Listing(t.Context()) {
			break
		}
	}
	if n := len(server.Requests()) - before; n != 1 {
		t.Errorf("%d pages were listed for one key, looked at three times", n)
	}
	again, err := source.List(t.Context(), []source.Input{listing})
	if err != nil || len(again) != len(inputs) {
		t.Errorf("after a look %d inputs are listed, %v", len(again), err)
	}
	if n := len(server.Requests()) - before; n != pages {
		t.Errorf("%d pages were listed, not %d, for three looks and all keys", n, pages)
	}
	server.Put("raw", "2024/0", noise(1))
	if some, err := source.List(t.Context(), []source.Input{listing}); err != nil || len(some) != len(inputs)+1 {
		t.Errorf("%d inputs are listed anew, %v", len(some), err)
	}
	server.Delete("raw", "2024/0")
	after, err := c.Expand(t.Context(), s3.Ref{Bucket: "raw", Key: "2024/"}, "2024/5&<é")
	if err != nil {
		t.Fatal(err)
	}
	if some, err := source.List(t.Context(), []source.Input{after}); err != nil || len(some) != 2 {
		t.Errorf("%d inputs are after the sixth of eight, %v", len(some), err)
	}
	if one, err := c.Expand(t.Context(), s3.Ref{Bucket: "raw", Key: "2025/x"}, "z"); err != nil || one.Open == nil || one.Listing != nil {
		t.Errorf("one key gives %+v, %v", one, err)
	}
	if _, err := c.Expand(t.Context(), s3.Ref{Bucket: "raw", Key: "nothing"}, ""); err == nil {
		t.Error("a prefix of nothing is no error")
	}
}

func mustParse(t testing.TB, address string) s3.Ref {
	t.Helper()
	ref, err := s3.ParseAddress(address)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// The answer to a HEAD request has no body, and so no reason: it is asked for by another request.
func TestErrorsSayWhatToDoAndWhatARetryCures(t *testing.T) {
	server := s3test.New(t, "raw")
	c := client(t, server.URL, s3.Options{})
	server.Put("raw", "k", noise(10))
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	one, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		status        int
		code, message string
		says          string
		cures         bool
	}{
		{403, "AccessDenied", "not authorized to perform: kms:Decrypt", "kms:Decrypt (status 403, request \"\"): allow this identity s3:GetObject", false},
		{404, "NoSuchBucket", "", "create the bucket", false},
		{404, "NoSuchKey", "", "deleted", false},
		{405, "MethodNotAllowed", "", "delete marker", false},
		{412, "PreconditionFailed", "", "replaced", true},
		{301, "PermanentRedirect", "", "another region", false},
		{400, "AuthorizationHeaderMalformed", "", "another region", false},
		{403, "InvalidObjectState", "", "archived", false},
		{403, "SignatureDoesNotMatch", "", "the credentials are wrong; check AWS_PROFILE", false},
		{403, "InvalidAccessKeyId", "", "the credentials are wrong; check AWS_PROFILE", false},
		{400, "ExpiredToken", "", "renew them", true},
		{403, "RequestTimeTooSkewed", "", "the clock is wrong", true},
		{403, "AllAccessDisabled", "", "ask its owner", false},
		{400, "InvalidRequest", "stored using a form of Server Side Encryption", "SSE-C", false},
		{400, "KMS.DisabledException", "", "the key that encrypts it", false},
		{400, "KMS.ThrottlingException", "", "wait", true},
		{400, "ThrottlingException", "", "wait", true},
		{409, "OperationAborted", "", "at the same time; wait", true},
		{409, "InvalidBucketState", "", "settings of the bucket", false},
		{503, "SlowDown", "", "wait", true},
		{500, "InternalError", "", "wait", true},
		{501, "NotImplemented", "", "conditional writes", false},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
				if r.Method == http.MethodGet || method == http.MethodHead {
					w.WriteHeader(test.status)
					fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", test.code, test.message)
					return true
				}
				return false
			}
			_, err := read(t.Context(), one, s3.Ref{Bucket: "raw", Key: "k"})
			if err == nil || !strings.Contains(err.Error(), "s3://raw/k") || !strings.Contains(err.Error(), test.says) || s3.Curable(err) != test.cures {
				t.Errorf("%s %s: %v; a retry cures it: %v", method, test.code, err, s3.Curable(err))
			}
		}
	}
	server.Intercept = nil
	for _, bucket := range []string{"arn:aws:s3:::raw", "arn:aws:s3:us-east-1:111122223333:accesspoint:none"} { // which this server cannot have
		if _, err := read(t.Context(), c, s3.Ref{Bucket: bucket, Key: "k"}); err == nil || !strings.Contains(err.Error(), "correct the name of the bucket") || s3.Curable(err) {
			t.Errorf("the bucket %s gives %v", bucket, err)
		}
	}
	if _, err := read(t.Context(), c, s3.Ref{Bucket: "raw", Key: "gone"}); !s3.Missing(err) || s3.Curable(err) {
		t.Errorf("a missing key gives %v", err)
	}
}

func TestMissingCredentialsAreSaid(t *testing.T) {
	server := s3test.New(t, "raw")
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	c, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(t.Context(), c, s3.Ref{Bucket: "raw", Key: "k"}); err == nil || !strings.Contains(err.Error(), "no credentials were found") || s3.Curable(err) {
		t.Errorf("without credentials the error is %v", err)
	}
}

// Throttling and faults of the server that pass are not seen at all.
func TestPassingFaultsAreRetried(t *testing.T) {
	server := s3test.New(t, "raw")
	c := client(t, server.URL, s3.Options{})
	server.Put("raw", "k", noise(10))
	var tries atomic.Int64
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if tries.Add(1)%2 == 1 {
			s3test.Fail(w, 503, "SlowDown")
			return true
		}
		return false
	}
	if _, err := read(t.Context(), c, s3.Ref{Bucket: "raw", Key: "k"}); err != nil {
		t.Error(err)
	}
}

func TestReadingEndsWithTheContext(t *testing.T) {
	server := s3test.New(t, "raw")
	proxy := s3test.NewProxy(t, server.URL)
	c := client(t, proxy.URL, s3.Options{})
	server.Put("raw", "k", noise(1<<20))
	proxy.Set(s3test.Weather{Rate: 16 << 10})
	why := errors.New("the test ends it")
	ctx, cancel := context.WithCancelCause(t.Context())
	in, err := c.Input(ctx, s3.Ref{Bucket: "raw", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	rc, err := in.Open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
	if _, err := io.ReadAll(rc); !errors.Is(err, why) {
		t.Errorf("reading ended with %v", err)
	}
	rc.Close()
}
