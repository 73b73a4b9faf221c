package lambda_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// large is an object whose events need a multipart upload in a function that has little
// memory.
func large() []byte { return manyOf(14_000, 1300) }

const little = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256"

// bench is a server with inputs, what they must become, and a proxy before it.
type bench struct {
	*s3test.Server
	proxy *s3test.Proxy
	want  tree
}

// benchInputs are the inputs of all benches, and what they must become: to make them takes
// seconds.
var benchInputs struct {
	sync.Once
	large, small []byte
	want         tree
}

// What needs it takes seconds, and is left out of `make quick`.
func newBench(t *testing.T) *bench {
	t.Helper()
	if testing.Short() {
		t.Skip("left to make test")
	}
	b := &bench{Server: s3test.New(t, "raw", "lake", "ocsf")}
	b.proxy = s3test.NewProxy(t, b.URL)
	in := &benchInputs
	put := func() {
		b.Put("raw", "large.txt.gz", in.large)
		b.Put("raw", "small.txt", in.small)
	}
	in.Do(func() {
		in.large, in.small = packed(t, large()), many(1500)
		put()
		in.want = byCLI(t, b.URL, "s3://raw/large.txt.gz", "s3://raw/small.txt")
	})
	put()
	b.want = in.want
	return b
}

func (b *bench) event() string {
	return sqsEvent("", s3Event("raw", "large.txt.gz"), s3Event("raw", "small.txt"))
}

// settle sends what failed again until nothing does, as a queue would, and
// compares what is in the buckets then.
func (b *bench) settle(t *testing.T, name string, fn *host, a answer) {
	t.Helper()
	for try := 0; ; try++ {
		if a.died || a.failed {
			t.Fatalf("%s: %+v", name, a)
		}
		if read(t, a).failures() == "" {
			break
		}
		if try == 5 {
			t.Fatalf("%s: it fails for ever", name)
		}
		a = fn.invoke(b.event())
	}
	same(t, name, b.want, inBuckets(t, b.Server, "ocsf"))
	if n := b.Unfinished(); n != 0 {
		t.Errorf("%s: %d uploads are unfinished", name, n)
	}
}

// Whatever the network does: after the retries every line is where it belongs,
// once. Bad weather that passes within one invocation is not even seen.
func TestBadWeatherLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fn := start(t, guide(b.proxy.URL, "S3_BUCKET_OCSF=ocsf", "AWS_MAX_ATTEMPTS=3")...)
	for _, test := range []struct {
		name    string
		weather s3test.Weather
		fails   bool // within the first invocation
	}{
		{"latency", s3test.Weather{Latency: 60 * time.Millisecond}, false},
		{"slow", s3test.Weather{Rate: 12 << 20}, false},
		{"resets while uploading", s3test.Weather{UpBytes: 3 << 20, Times: 2}, false},
		{"early ends while reading", s3test.Weather{DownBytes: 1 << 20, Times: 6}, false},
		{"refused", s3test.Weather{Refuse: true}, true},
		{"no upload gets through", s3test.Weather{UpBytes: 1 << 20}, true},
	} {
		clear(b.Server, "lake", "ocsf")
		b.proxy.Set(test.weather)
		a := fn.invoke(b.event())
		if got := read(t, a).failures(); (got != "") != test.fails {
			t.Errorf("%s: %q come again", test.name, got)
		}
		if b.proxy.Spoilt() == 0 {
			t.Errorf("%s: no connection met it", test.name)
		}
		b.proxy.Set(s3test.Weather{})
		b.settle(t, test.name, fn, a)
	}
}

// What S3 says no to fails the right items, and nothing of them stays.
func TestFaultsOfTheServerFailTheirItemsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fn := start(t, guide(b.URL, little, "S3_BUCKET_OCSF=ocsf", "AWS_MAX_ATTEMPTS=2")...)
	for _, test := range []struct {
		name, op string
		status   int
		code     string
		want     string
	}{
		{"503 on every part", "UploadPart lake", 503, "SlowDown", "m0"},
		{"403 on the end of an upload", "CompleteMultipartUpload lake", 403, "AccessDenied", "m0"},
		{"403 on the lake", "PutObject lake", 403, "AccessDenied", "m1"},
		{"403 on the copy", "PutObject ocsf/ext", 403, "AccessDenied", "m1"},
		{"500 on rejects", "PutObject ocsf/rejects", 500, "InternalError", "m0 m1"},
		{"403 on one object", "GetObject raw/small", 403, "AccessDenied", "m1"},
		{"deleted meanwhile", "GetObject raw/small", 404, "NoSuchKey", "m1"},
		{"replaced meanwhile", "GetObject raw/large", 412, "PreconditionFailed", "m0"},
		{"503 on everything", "", 503, "SlowDown", "m0 m1"},
	} {
		clear(b.Server, "lake", "ocsf")
		b.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			hit := strings.HasPrefix(r.String(), test.op)
			if hit {
				s3test.Fail(w, test.status, test.code)
			}
			return hit
		}
		a := fn.invoke(b.event())
		if got := read(t, a).failures(); got != test.want {
			t.Errorf("%s: %q come again, want %q", test.name, got, test.want)
		}
		if n := b.Unfinished(); n != 0 {
			t.Errorf("%s: %d uploads are unfinished", test.name, n)
		}
		b.Intercept = nil
		b.settle(t, test.name, fn, a)
	}
}

// A stream of gzip that is cut short gives its good lines, and one reject for
// the cut; it is not a failure, since no retry would cure it.
func TestATruncatedStreamIsData(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	whole := packed(t, many(2000))
	server.Put("raw", "cut.txt.gz", whole[:len(whole)/2])
	want := byCLI(t, server.URL, "s3://raw/cut.txt.gz")
	s := start(t, guide(server.URL)...).must(sqsEvent("", s3Event("raw", "cut.txt.gz")))
	if s.failures() != "" || s.Events < 500 || s.Rejects < 1 || s.Lines != s.Events+s.Rejects {
		t.Errorf("%+v", s)
	}
	for key := range want {
		if strings.HasPrefix(key, "ocsf/") {
			delete(want, key)
		}
	}
	same(t, "truncated", want, inBuckets(t, server, "raw"))
}

// Near the end of its time the function begins nothing, takes back what it has
// begun, answers in time, and names what must be retried.
func TestTheDeadlineLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fn := start(t, guide(b.proxy.URL, little, "S3_BUCKET_OCSF=ocsf")...)
	var parts atomic.Int64
	over := make(chan struct{})
	b.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "UploadPart") {
			parts.Add(1)
			<-over
		}
		return false
	}
	const limit = 10 * time.Second
	began := time.Now()
	a := fn.invokeFor(limit, b.event())
	close(over)
	if took := time.Since(began); took > limit {
		t.Errorf("the answer took %s of %s", took, limit)
	}
	if got := read(t, a).failures(); got != "m0" {
		t.Errorf("%q come again, want the large one", got)
	}
	if parts.Load() == 0 {
		t.Error("no part was on its way: the test shows nothing")
	}
	b.Intercept = nil
	if n := b.Unfinished(); n != 0 {
		t.Errorf("%d uploads are unfinished", n)
	}
	b.settle(t, "after the deadline", fn, a)

	before := len(b.Requests())
	a = fn.invokeFor(time.Millisecond, b.event())
	if got := read(t, a).failures(); got != "m0 m1" {
		t.Errorf("without time %q come again", got)
	}
	for _, r := range b.Requests()[before:] {
		if r.Method == http.MethodPut {
			t.Errorf("without time there was a %s", r)
		}
	}
}

// A function that is killed at any moment has lost nothing and doubled nothing
// once the event came again.
func TestAKilledFunctionLosesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, op := range []string{"GetObject raw/large", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "PutObject ocsf/rejects", "PutObject lake"} {
		clear(b.Server, "lake", "ocsf")
		fn := start(t, guide(b.URL, little, "S3_BUCKET_OCSF=ocsf")...)
		b.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
			hit := strings.HasPrefix(r.String(), op)
			if hit {
				_ = fn.process.Process.Kill() // the process is seen to end below
				time.Sleep(20 * time.Millisecond)
			}
			return hit
		}
		if a := fn.invoke(b.event()); !a.died {
			t.Errorf("%s: it was not killed: %+v", op, a)
		}
		b.Intercept = nil
		for key, body := range b.Bodies("lake", "") {
			if string(body) != b.want["lake/"+key] {
				t.Errorf("%s: %s is half or wrong", op, key)
			}
		}
		again := start(t, guide(b.URL, little, "S3_BUCKET_OCSF=ocsf")...)
		if s := again.must(b.event()); s.failures() != "" {
			t.Errorf("%s: %q come again", op, s.failures())
		}
		same(t, "killed at "+op, b.want, inBuckets(t, b.Server, "ocsf"))
	}
}

// Two functions that get the same notification at once write the same bytes.
func TestTwoAtOnceWriteTheSame(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a, c := start(t, guide(b.URL, "S3_BUCKET_OCSF=ocsf")...), start(t, guide(b.URL, "S3_BUCKET_OCSF=ocsf")...)
	done := make(chan answer, 2)
	for _, fn := range []*host{a, c} {
		go func() { done <- fn.invoke(b.event()) }()
	}
	for range 2 {
		if s := read(t, <-done); s.failures() != "" {
			t.Errorf("%q come again", s.failures())
		}
	}
	same(t, "two at once", b.want, inBuckets(t, b.Server, "ocsf"))
}

// Objects of a batch are worked on side by side: the batch does not take the
// sum of what they take.
func TestObjectsOfABatchGoSideBySide(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	var bodies []string
	for i := range 8 {
		key := fmt.Sprintf("%d.txt", i)
		server.Put("raw", key, many(10+i))
		bodies = append(bodies, s3Event("raw", key))
	}
	const enough = 4
	var now atomic.Int64
	met := make(chan struct{})
	server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "GetObject") {
			if now.Add(1) == enough {
				close(met)
			}
			select {
			case <-met:
			case <-time.After(15 * time.Second): // one by one, they never meet
			}
		}
		return false
	}
	if s := start(t, guide(server.URL)...).must(sqsEvent("", bodies...)); s.failures() != "" || s.Inputs != 8 {
		t.Errorf("%+v", s)
	}
	select {
	case <-met:
	default:
		t.Errorf("never were %d objects read at once", enough)
	}
}
