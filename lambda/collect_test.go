package lambda_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// collector is a bucket whose small objects are converted together, with its queue.
type collector struct {
	*s3test.Server
	t   *testing.T
	q   *sqsServer
	env []string
}

const (
	collectKeys = "rejects/" + lake.LedgerFolder + "/collect/"
	flushAll    = `{"flush":true,"all":true}`
)

func newCollector(t *testing.T, more ...string) *collector {
	t.Helper()
	c := &collector{Server: s3test.New(t, "raw", "lake", "ocsf"), t: t, q: newSQS(t, "alerts")}
	c.PageKeys = 100
	c.env = guide(c.URL, append([]string{c.q.environ(), "AWS_MAX_ATTEMPTS=1", "SLUICE_COLLECT=60", "SLUICE_REJECTS=s3://raw/rejects"}, more...)...)
	return c
}

// small makes an object of its own alerts; its third line is not an alert.
func small(i int) []byte {
	var b bytes.Buffer
	for k := range 4 {
		if k == 2 {
			fmt.Fprintf(&b, "{\"broken\": %d\n", i)
			continue
		}
		fmt.Fprintf(&b, `{"timestamp":"2026-03-14T09:%02d:%02d.976+0000","id":"%d.%d","rule":{"id":"5715","level":3,"description":"sshd: authentication success."},"agent":{"id":"001","name":"web"},"location":"/var/log/auth.log"}`+"\n",
			i%60, k, i, k)
	}
	return b.Bytes()
}

func smallKey(i int) string { return fmt.Sprintf("20260314/%05d.txt", i) }

// store puts objects, and sends their notifications.
func (c *collector) store(from, to int) {
	for i := from; i < to; i++ {
		c.Put("raw", smallKey(i), small(i))
		c.notify(smallKey(i))
	}
}

func (c *collector) notify(key string) {
	c.q.send("alerts", noticeOf("raw", key, len(c.Objects("raw")[key].Body), c.Objects("raw")[key].ETag), nil)
}

func noticeOf(bucket, key string, size int, tag string) string {
	text := strings.Replace(s3Event(bucket, key), `"size":1`, fmt.Sprintf(`"size":%d`, size), 1)
	return strings.Replace(text, `"eTag":"x"`, `"eTag":"`+strings.Trim(tag, `"`)+`"`, 1)
}

// drain lets the function work on the queue until nothing is visible.
func (c *collector) drain(fn *host) {
	c.t.Helper()
	for c.q.round(c.t, "alerts", fn, 30*time.Second) > 0 {
	}
}

// settle lets the function work until nothing waits and nothing is noted.
func (c *collector) settle(fn *host) {
	c.t.Helper()
	for range 40 {
		c.drain(fn)
		if len(c.pending()) > 0 {
			fn.must(flushAll)
			continue
		}
		_, wait := c.q.waiting("alerts")
		if wait < 0 {
			return
		}
		c.q.pass(wait)
	}
	c.t.Fatalf("%d notes are left: %v", len(c.pending()), c.pending())
}

func (c *collector) pending() (keys []string) {
	for key := range c.Bodies("raw", collectKeys+"pending/") {
		keys = append(keys, key)
	}
	return keys
}

// once checks that the lake has these alerts and rejects, each once: that manifests list
// what is there.
func (c *collector) once(what string, events, rejects int64) {
	c.t.Helper()
	listed := map[string]bool{}
	var rows, kept int64
	for key, body := range c.Bodies("raw", "rejects/"+lake.LedgerFolder+"/") {
		if strings.Count(key, "/") != 2 {
			continue
		}
		m, err := lake.ParseManifest(body)
		if err != nil || m.Pending != nil {
			c.t.Errorf("%s: %s: %v, pending %+v", what, key, err, m.Pending)
			continue
		}
		kept += m.RejectLines
		for _, o := range m.Objects {
			if !listed[o.Key] {
				rows += o.Rows
			}
			listed[o.Key] = true
		}
	}
	if there := c.Objects("lake"); len(there) != len(listed) || rows != events || kept != rejects {
		c.t.Errorf("%s: %d objects in the lake, %d in manifests, %d events of %d, %d rejects of %d", what, len(there), len(listed), rows, events, kept, rejects)
	}
	lines := 0
	for key, body := range c.Bodies("raw", "rejects/2026") {
		lines += strings.Count(string(unpacked(c.t, key, body)), "\n")
	}
	if int64(lines) != rejects {
		c.t.Errorf("%s: %d lines in the rejects, of %d", what, lines, rejects)
	}
}

// merged gives the objects that the command line makes of inputs together.
func merged(t *testing.T, env []string, inputs ...string) tree {
	t.Helper()
	root := t.TempDir()
	runCLI(t, env, root, append([]string{"--merge"}, inputs...)...)
	lake := tree{}
	for key, body := range inFolder(t, root) {
		if strings.HasPrefix(key, "lake/") {
			lake[key] = body
		}
	}
	if len(lake) == 0 {
		t.Fatal("the command line makes nothing")
	}
	return lake
}

// Small objects become one, with their rejects beside it. Repeated notifications, of
// the same object or of its content elsewhere, change nothing. Whoever names one of the
// objects, or their rejects, converts all of them again.
func TestCollectedObjectsAreOne(t *testing.T) {
	c := newCollector(t)
	fn := start(t, c.env...)
	c.store(0, 25)
	c.drain(fn)
	if len(c.Objects("lake")) != 0 || len(c.pending()) != 25 {
		t.Fatalf("%d objects in the lake, %d notes", len(c.Objects("lake")), len(c.pending()))
	}
	if s := fn.must(`{"flush":true}`); s.Inputs != 0 || len(c.pending()) != 25 {
		t.Errorf("a window that is not over was flushed: %+v", s)
	}
	if s := fn.must(flushAll); s.Events != 75 || s.Rejects != 25 || !s.UploadSuccess || len(c.Objects("lake")) != 1 || len(c.pending()) != 0 {
		t.Errorf("%+v, %d objects in the lake", s, len(c.Objects("lake")))
	}
	c.once("flushed", 75, 25)
	before := inBuckets(t, c.Server, "raw")
	for key, body := range merged(t, s3test.Environ(c.URL), "s3://raw/20260314/") {
		if before[key] != body {
			t.Errorf("%s is not what --merge makes of the same objects", key)
		}
	}
	for key, body := range before {
		if strings.HasPrefix(key, "rejects/") {
			for i := range 25 {
				if !strings.Contains(body, `"origin":"s3://raw/`+smallKey(i)+`","line":3`) {
					t.Errorf("the rejects do not say that one is of %s:\n%s", smallKey(i), body)
				}
			}
		}
	}
	c.notify(smallKey(3))
	c.Put("raw", "copy.txt.gz", packed(t, small(4)))
	c.notify("copy.txt.gz")
	c.settle(start(t, c.env...))
	same(t, "notified again", before, inBuckets(t, c.Server, "raw"))
	fn.must(s3Event("raw", smallKey(3))) // not by the queue
	same(t, "notified again, by S3", before, inBuckets(t, c.Server, "raw"))

	other := start(t, append(c.env, "SLUICE_SET_PRODUCT_VERSION=4.14.7")...)
	if s := other.must(direct("raw", smallKey(7))); s.Events != 75 {
		t.Errorf("another mapping: %+v", s)
	}
	c.once("converted again", 75, 25)
	after := inBuckets(t, c.Server, "raw")
	if len(after) != len(before) {
		t.Errorf("%d objects, and %d before", len(after), len(before))
	}
	for key, body := range before {
		if strings.HasPrefix(key, "lake/") && after[key] == body {
			t.Errorf("%s is as it was before another mapping", key)
		}
	}
	for key := range c.Bodies("raw", "rejects/2026") {
		fn.must(direct("raw", key))
	}
	c.once("rejects run again", 75, 25)
}

// Killed before or after any request, and begun again by another process, with the same or
// another mapping: each alert is in the lake once.
func TestAFlushMayBeKilledAtEachStep(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	t.Parallel()
	const objects = 4
	want := map[bool]tree{}
	steps := 0
	run := func(other bool, at int, lost bool) {
		c := newCollector(t)
		fn := start(t, c.env...)
		c.store(0, objects)
		c.drain(fn)
		var n atomic.Int64
		c.Intercept = func(http.ResponseWriter, s3test.Request) bool {
			if int(n.Add(1)) != at {
				return false
			}
			_ = fn.process.Process.Kill()
			<-fn.ended
			return lost
		}
		a := fn.invoke(flushAll)
		c.Intercept = nil
		if at == 0 {
			steps = int(n.Load())
		} else if !a.died {
			t.Errorf("the function survived request %d", at)
		}
		env := c.env
		if other {
			env = append(env, "SLUICE_SET_PRODUCT_VERSION=4.14.7")
		}
		c.notify(smallKey(1)) // SQS sends some again
		next := start(t, env...)
		c.settle(next)
		if other { // what was done before it was killed
			next.must(direct("raw", smallKey(0)))
		}
		what := fmt.Sprintf("killed at request %d of %d, lost %v, other mapping %v", at, steps, lost, other)
		c.once(what, 3*objects, objects)
		got := inBuckets(t, c.Server, "raw")
		if at == 0 {
			want[other] = got
		}
		same(t, what, want[other], got)
		fn.stop()
		next.stop()
	}
	run(false, 0, false)
	run(true, 0, false)
	for at := 1; at <= steps; at++ {
		run(at%2 == 0, at, true)
		run(at%2 == 1, at, false)
	}
	t.Logf("%d steps", steps)
}

// Flushes at the same time do the same work, and none of it twice.
func TestFlushesAtTheSameTime(t *testing.T) {
	c := newCollector(t)
	fn := start(t, c.env...)
	c.store(0, 20)
	c.drain(fn)
	var all sync.WaitGroup
	for range 3 {
		other := start(t, c.env...)
		all.Go(func() { other.invoke(flushAll) })
	}
	all.Wait()
	c.settle(fn)
	c.once("three flushes", 60, 20)
	if n := len(c.Objects("lake")); n != 1 {
		t.Errorf("%d objects", n)
	}
}

// Objects that were overwritten, deleted or forbidden since they were noted: the first is
// taken as it is, the others are dead letters, and nothing waits for them.
func TestWhatChangedSinceItWasNoted(t *testing.T) {
	c := newCollector(t)
	fn := start(t, c.env...)
	c.store(0, 10)
	c.drain(fn)
	c.Put("raw", smallKey(1), small(101))
	c.notify(smallKey(1))
	c.Delete("raw", smallKey(2))
	c.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Key == smallKey(3) {
			s3test.Fail(w, 403, "AccessDenied")
			return true
		}
		return false
	}
	c.settle(fn)
	c.once("changed", 24, 8)
	if dead, _ := c.q.waiting("dead"); len(dead) != 2 {
		t.Errorf("%d dead letters: %+v", len(dead), dead)
	}
}

// What changes after the plan was made: the plan is given up, and its objects are converted
// one by one.
func TestAPlanThatCannotBeCarriedOut(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for name, spoil := range map[string]func(c *collector, fn *host){
		"overwritten": func(c *collector, _ *host) { c.Put("raw", smallKey(3), small(103)) },
		"deleted":     func(c *collector, _ *host) { c.Delete("raw", smallKey(3)) },
		"converted by itself": func(c *collector, _ *host) {
			alone := exec.Command(sluice, "run", "-q", "-o", "s3://lake", "--rejects", "s3://raw/rejects", "--source", "wazuh", "--account", "111122223333", "--region", "us-east-1", "s3://raw/"+smallKey(3))
			alone.Env = s3test.Environ(c.URL)
			if out, err := alone.CombinedOutput(); alone.ProcessState.ExitCode() != 3 {
				c.t.Errorf("sluice run: %v\n%s", err, out)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			fn := start(t, c.env...)
			c.store(0, 5)
			c.drain(fn)
			var did atomic.Bool
			c.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
				if strings.HasSuffix(r.Key, "plans/00000001.json") && r.Method == http.MethodGet && did.CompareAndSwap(false, true) {
					spoil(c, fn)
				}
				return false
			}
			for try := 0; len(c.pending()) > 0 && try < 20; try++ {
				read(t, fn.invokeFor(2*time.Second, flushAll))
				time.Sleep(500 * time.Millisecond)
			}
			c.settle(fn)
			events := int64(15)
			if name == "deleted" {
				events = 12
			}
			c.once(name, events, events/3)
			if log, _ := fn.said(); !strings.Contains(log, "a plan is given up") {
				t.Errorf("the plan was not given up:\n%s", log)
			}
		})
	}
}

// An object by which the function dies, or that takes longer than a call has, does not stop
// the others.
func TestPoisonInAPlan(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	for name, poison := range map[string]func(c *collector, w http.ResponseWriter, fn **host){
		"too slow": func(c *collector, w http.ResponseWriter, _ **host) {
			o := c.Objects("raw")[smallKey(3)]
			w.Header().Set("ETag", o.ETag)
			w.Header().Set("Content-Length", strconv.Itoa(len(o.Body)))
			for i := range o.Body {
				if _, err := w.Write(o.Body[i : i+1]); err != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(100 * time.Millisecond)
			}
		},
		"deadly": func(_ *collector, _ http.ResponseWriter, fn **host) {
			_ = (*fn).process.Process.Kill()
			<-(*fn).ended
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t)
			fn := start(t, c.env...)
			c.store(0, 5)
			c.drain(fn)
			planned := func() bool { return len(c.Bodies("raw", collectKeys+"plans/")) > 0 }
			c.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
				if r.Key == smallKey(3) && r.Method == http.MethodGet && planned() {
					poison(c, w, &fn)
					return true
				}
				return false
			}
			c.outlive(&fn)
			c.once(name, 12, 4)
			if dead, _ := c.q.waiting("dead"); len(dead) != 1 {
				t.Errorf("%d dead letters", len(dead))
			}
		})
	}
}

// outlive flushes, and delivers what comes back, with another process whenever one has died,
// until nothing is left.
func (c *collector) outlive(fn **host) {
	c.t.Helper()
	for range 60 {
		if a := (*fn).invokeFor(2*time.Second, flushAll); a.died {
			*fn = start(c.t, c.env...)
		}
		if got := c.q.receive("alerts", 10); len(got) > 0 {
			if c.q.deliver(c.t, "alerts", got, *fn, 2*time.Second); !isAlive(*fn) {
				*fn = start(c.t, c.env...)
			}
		}
		left, wait := c.q.waiting("alerts")
		if len(c.pending()) == 0 && len(left) == 0 {
			return
		}
		if wait > 0 {
			c.q.pass(wait)
		}
		if len(c.pending()) > 0 {
			time.Sleep(300 * time.Millisecond)
		}
	}
}

// A plan that is given up after its events were written takes them back.
func TestAPlanThatIsGivenUpLeavesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	t.Parallel()
	c := newCollector(t)
	fn := start(t, c.env...)
	c.store(0, 5)
	c.drain(fn)
	together := ""
	c.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if r.Method != http.MethodDelete || !strings.Contains(r.Key, "plans/00000001.try-") {
			return false // all of the plan is written by then
		}
		for key := range c.Objects("lake") {
			together = key
		}
		_ = fn.process.Process.Kill()
		<-fn.ended
		return true
	}
	c.outlive(&fn)
	c.once("given up", 15, 5)
	there := c.Objects("lake")
	if _, is := there[together]; together == "" || is || len(there) != 5 {
		t.Errorf("%q of the plan, %v in the lake", together, sizesOf(c.Server, "lake"))
	}
	c.Intercept = nil
	if s := fn.must(direct("raw", smallKey(2))); s.Events != 3 {
		t.Errorf("an object of it by itself: %+v", s)
	}
	c.once("called with one", 15, 5)
}

func isAlive(h *host) bool {
	select {
	case <-h.ended:
		return false
	default:
		return true
	}
}

// A flush that has no time left ends, and the next call goes on behind it.
func TestAFlushGoesOnWithTheNextCall(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	t.Parallel()
	c := newCollector(t)
	fn := start(t, c.env...)
	var events int64
	for i := range 12 {
		body := []byte(strings.Replace(string(many(900)), `"id":"17`, `"id":"`+strconv.Itoa(i), -1))
		c.Put("raw", smallKey(i), body)
		c.notify(smallKey(i))
		events += 899
	}
	c.drain(fn)
	c.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if r.Bucket == "raw" && r.Method == http.MethodGet && strings.HasPrefix(r.Key, "2026") {
			time.Sleep(300 * time.Millisecond)
		}
		return false
	}
	calls := 0
	for ; len(c.pending()) > 0 && calls < 30; calls++ {
		read(t, fn.invokeFor(3*time.Second, flushAll))
	}
	plans := 0
	for key := range c.Bodies("raw", collectKeys+"plans/") {
		if strings.HasSuffix(key, ".json") {
			plans++
		}
	}
	if calls < 2 || plans < 3 {
		t.Errorf("%d calls, %d plans", calls, plans)
	}
	c.once("many calls", events, 12)
}

// The lake that is away or forbids fails a flush, counts it, and gives nothing up.
func TestAFlushWhileTheLakeIsAway(t *testing.T) {
	c := newCollector(t)
	fn := start(t, c.env...)
	c.store(0, 8)
	c.drain(fn)
	for _, status := range []int{503, 403} {
		c.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if r.Bucket != "lake" {
				return false
			}
			s3test.Fail(w, status, "AccessDenied")
			return true
		}
		for range 4 {
			if s := fn.must(flushAll); s.Failed != 8 || s.UploadSuccess {
				t.Errorf("%d: %+v", status, s)
			}
		}
	}
	c.Intercept = nil
	c.settle(fn)
	c.once("delivered later", 24, 8)
	if _, said := fn.said(); !strings.Contains(said, `"CollectLag":0`) || !strings.Contains(said, `"ObjectsNoted":8`) {
		t.Errorf("the metrics are\n%s", said)
	}
}

// A plan of several sources fails before an object of any of them is visible, if one of them
// may not be written.
func TestAllSourcesOfAPlanOrNone(t *testing.T) {
	for _, source := range []string{"acme-auth", "acme-finding"} {
		c := newCollector(t, "OCSF_CLASS=BY_CLASS", "SOURCE_LOCATION=acme", "ROLE_ARN=arn:aws:iam::1:role/AmazonSecurityLake-Provider-{source}-{region}")
		fn := start(t, c.env...)
		for i := range 5 {
			c.Put("raw", smallKey(i), []byte(strings.Replace(twoClasses, `"id":"1.`, fmt.Sprintf(`"id":"%d.`, 10+i), -1)))
			c.notify(smallKey(i))
		}
		c.drain(fn)
		c.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if !strings.Contains(r.Header.Get("X-Amz-Security-Token"), source) {
				return false
			}
			s3test.Fail(w, 403, "AccessDenied")
			return true
		}
		if s := fn.must(flushAll); s.Failed != 5 || len(c.Objects("lake")) != 0 {
			t.Errorf("%s: %d failed, the lake has %v", source, s.Failed, sizesOf(c.Server, "lake"))
		}
		c.Intercept = nil
		c.settle(fn)
		c.once(source, 10, 0)
		if n := len(c.Objects("lake")); n != 2 {
			t.Errorf("%s: %d objects", source, n)
		}
	}
}

// Many objects are listed, looked at and converted in bounded memory. SLUICE_COLLECT_KEYS is
// how many.
func TestAWindowOfManyObjects(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	n := 2_000
	if long := os.Getenv("SLUICE_COLLECT_KEYS"); long != "" {
		n, _ = strconv.Atoi(long)
	}
	c := newCollector(t, "SLUICE_LOG_LEVEL=warn")
	c.PageKeys = 1000
	fn := start(t, c.env...)
	for i := range n {
		c.Put("raw", smallKey(i), small(i))
		text := fmt.Sprintf(`{"bucket":"raw","key":%q,"tag":"x","bytes":500,"queue":"%salerts"}`, smallKey(i), sqsARN)
		c.Put("raw", collectKeys+fmt.Sprintf("pending/20260314T0900/%032d", i), []byte(text))
	}
	began := time.Now()
	for len(c.pending()) > 0 {
		if s := read(t, fn.invokeFor(5*time.Minute, `{"flush":true}`)); s.Failed > 0 {
			t.Fatalf("%+v", s)
		}
	}
	t.Logf("%d objects in %s, peak %d MiB", n, time.Since(began), fn.peak()>>20)
	if peak := fn.peak(); peak > 512<<20*85/100 {
		t.Errorf("the function took %d MiB of 512", peak>>20)
	}
	c.once("many", int64(3*n), int64(n))
}
