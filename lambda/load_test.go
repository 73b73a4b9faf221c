package lambda_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// alike makes n alerts that pack to a hundredth, as those of a flood do.
func alike(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"timestamp":"2024-04-22T14:%02d:%02d.976+0000","id":"17%08d.1","rule":{"id":"5715","level":3,"description":"sshd: authentication success.","groups":["syslog","sshd"],"firedtimes":%d},"agent":{"id":"001","name":"web"},"manager":{"name":"m"},"full_log":"%s","location":"/var/log/auth.log"}`+"\n",
			i/60%60, i%60, i, i, strings.Repeat("Accepted publickey for deploy ", 20))
	}
	return b.Bytes()
}

// peak is the most memory that the process had so far, in bytes. (What the system says at
// its end includes the test's own, from before the program was started.)
func (h *host) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.process.Process.Pid))
	if err != nil {
		h.t.Log("the peak memory is not known here: ", err)
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	if _, err := fmt.Sscan(rest, &kilobytes); err != nil {
		h.t.Fatal(err)
	}
	return kilobytes << 10
}

// Whatever comes at once, small packed objects that hold much or large ones, the function
// keeps a sixth of its memory free, and all of them are done.
func TestManyObjectsFitIntoTheMemory(t *testing.T) {
	for name, object := range map[string][]byte{
		"39 MB in 350 kB":  packed(t, alike(41_000)),
		"10 MB, of 18":     packed(t, many(14_000)),
		"40 MB not packed": alike(41_000),
	} {
		t.Run(name, func(t *testing.T) {
			server := s3test.New(t, "raw", "lake")
			var bodies []string
			for i := range 10 {
				key := fmt.Sprintf("%d.gz", i)
				server.Put("raw", key, object)
				bodies = append(bodies, s3Event("raw", key))
			}
			fn := start(t, guide(server.URL, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=512")...)
			if a := fn.invokeFor(4*time.Minute, sqsEvent("", bodies...)); a.died || read(t, a).failures() != "" || read(t, a).Inputs != 10 {
				t.Errorf("of %d bytes each: %+v", len(object), a)
			}
			const most = 512 << 20 * 85 / 100
			peak := fn.peak()
			t.Logf("%d bytes each: peak %d MiB", len(object), peak>>20)
			if peak > most {
				t.Errorf("the function took %d MiB of 512", peak>>20)
			}
		})
	}
}

// The memory that is said to suffice for objects of any size does.
func TestTheLeastMemoryForAnyObject(t *testing.T) {
	long := strings.Repeat(string(bytes.Replace(alike(1), []byte("Accepted"), []byte(strings.Repeat("Accepted ", 1_300_000)), 1)), 8)
	for name, object := range map[string][]byte{"flood.gz": packed(t, alike(120_000)), "long.gz": packed(t, []byte(long))} {
		server := s3test.New(t, "raw", "lake")
		server.Put("raw", name, object)
		fn := start(t, guide(server.URL, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=320")...)
		if a := fn.invokeFor(2*time.Minute, sqsEvent("", s3Event("raw", name))); a.died || read(t, a).failures() != "" {
			t.Errorf("%s: %+v", name, a)
		}
		peak := fn.peak()
		t.Logf("%s: peak %d MiB", name, peak>>20)
		if peak > 320<<20*9/10 {
			t.Errorf("%s: the function took %d MiB of 320", name, peak>>20)
		}
	}
}

// The smallest function does small objects, and says of one that it cannot do why, once
// and for good. It is never killed.
func TestTheSmallestFunction(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	var bodies []string
	for i := range 20 {
		key := fmt.Sprintf("%d.gz", i)
		server.Put("raw", key, packed(t, many(200+i)))
		bodies = append(bodies, s3Event("raw", key))
	}
	server.Put("raw", "large.gz", packed(t, alike(100_000)))
	bodies = append(bodies, s3Event("raw", "large.gz"))
	fn := start(t, guide(server.URL, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128")...)
	a := fn.invokeFor(2*time.Minute, sqsEvent("", bodies...))
	if s := read(t, a); a.died || s.failures() != "m20" || s.Inputs != 20 {
		t.Fatalf("%+v", a)
	}
	task := fn.invokeFor(2*time.Minute, batchTasks("2.0", "raw", "large.gz"))
	if task.died || !strings.Contains(task.body, "PermanentFailure") || !strings.Contains(task.body, "give the function 320 MB") {
		t.Errorf("%+v", task)
	}
	if peak := fn.peak(); peak > 128<<20 {
		t.Errorf("the function took %d MiB of 128", peak>>20)
	}
	if log, _ := fn.said(); !strings.Contains(log, "128 MB of memory: objects that have more") || !strings.Contains(log, `"retry_helps":false`) {
		t.Errorf("the log does not say what the function cannot do:\n%s", log)
	}
}

// crowd counts the requests that a server holds at once.
type crowd struct {
	mu        sync.Mutex
	now, most int
}

func (c *crowd) enter() (now int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
	return c.now
}

func (c *crowd) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
}

// Objects of messages that were received before are worked on alone: one of them may be
// why the function died.
func TestWhatComesAgainGoesAlone(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	var keys []string
	for i := range 6 {
		keys = append(keys, fmt.Sprintf("%d.txt", i))
		server.Put("raw", keys[i], many(10+i))
	}
	var reads crowd
	server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "GetObject") {
			reads.enter()
			time.Sleep(50 * time.Millisecond)
			reads.leave()
		}
		return false
	}
	again := strings.ReplaceAll(sqsEvent("", s3Event("raw", keys[:3]...), s3Event("raw", keys[3:]...)), `Count":"1"`, `Count":"2"`)
	if s := start(t, guide(server.URL)...).must(again); s.failures() != "" || s.Inputs != 6 || reads.most != 1 {
		t.Errorf("%d objects were read at once: %+v", reads.most, s)
	}
}

// A list of thousands of objects is worked on in bounded steps.
func TestALongListIsBounded(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	var list []string
	for i := range 400 {
		key := fmt.Sprintf("%d.txt", i)
		server.Put("raw", key, many(2+i%5))
		list = append(list, direct("raw", key))
	}
	var looks crowd
	full := make(chan struct{})
	open := sync.OnceFunc(func() { close(full) })
	t.Cleanup(open)
	server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "HeadObject") {
			if looks.enter() == 32 {
				time.AfterFunc(100*time.Millisecond, open) // time for one too many
			}
			<-full
			looks.leave()
		}
		return false
	}
	s := start(t, guide(server.URL)...).must("[" + strings.Join(list, ",") + "]")
	if s.Inputs != 400 || looks.most != 32 {
		t.Errorf("%d objects were looked at at once: %+v", looks.most, s)
	}
}

// Lambda takes an answer of at most 6 MB, whatever failed.
func TestAnAnswerIsBounded(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "there.txt", many(5))
	fn := start(t, guide(server.URL)...)
	list, keys := []string{direct("raw", "there.txt")}, []string(nil)
	long := strings.Repeat("long/", 30)
	for i := range 9_999 {
		key := fmt.Sprintf("%s%d.txt", long, i)
		keys = append(keys, key)
		if i < 2_000 {
			list = append(list, direct("raw", key))
		}
	}
	a := fn.invokeFor(time.Minute, s3Event("raw", keys...))
	if !a.failed || len(a.body) > 64<<10 || !strings.Contains(a.body, "9979 objects more failed") {
		t.Errorf("%d bytes for an event of objects that are not there: %.300s", len(a.body), a.body)
	}
	a = fn.invokeFor(time.Minute, "["+strings.Join(list, ",")+"]")
	if a.failed || len(a.body) > 4<<20 || strings.Count(a.body, "PermanentFailure") != 2_000 {
		t.Errorf("%d bytes for a list: %.300s", len(a.body), a.body)
	}
	for what, event := range map[string]string{
		"objects": "[" + strings.Repeat(direct("raw", "k")+",", 10_000) + direct("raw", "k") + "]",
		"bytes":   "[" + direct("raw", strings.Repeat("k", 3<<20)) + "]",
	} {
		if a := fn.invoke(event); !a.failed || !strings.Contains(a.body, "send the list in parts") {
			t.Errorf("a list of many %s is answered with %.300s", what, a.body)
		}
	}
}

// A list has an answer for each of its objects, and those that fail do not hide the others.
// Only a call by which something was written says so.
func TestAListAnswersForEach(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "1.txt", many(5))
	server.Put("raw", "2.txt", many(6))
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Key != "busy.txt" {
			return false
		}
		s3test.Fail(w, 503, "SlowDown")
		return true
	}
	fn := start(t, guide(server.URL, "AWS_MAX_ATTEMPTS=1")...)
	call := func(bucket string, keys ...string) (answer, string) {
		var list []string
		for _, key := range keys {
			list = append(list, direct(bucket, key))
		}
		a := fn.invokeFor(10*time.Second, "["+strings.Join(list, ",")+"]")
		var said struct {
			Results []struct{ Bucket, Key, ResultCode, ResultString string }
		}
		if !a.failed {
			if err := json.Unmarshal([]byte(a.body), &said); err != nil {
				t.Fatal(err)
			}
		}
		var codes []string
		for _, r := range said.Results {
			codes = append(codes, r.Bucket+"/"+r.Key+" "+r.ResultCode)
			if r.ResultString == "" {
				t.Errorf("nothing is said of %s", r.Key)
			}
		}
		return a, strings.Join(codes, ", ")
	}
	a, codes := call("raw", "1.txt", "gone.txt", "busy.txt", "2.txt", "1.txt")
	if want := "raw/1.txt Succeeded, raw/gone.txt PermanentFailure, raw/busy.txt TemporaryFailure, raw/2.txt Succeeded, raw/1.txt Succeeded"; codes != want {
		t.Errorf("%+v:\n%s, want\n%s", a, codes, want)
	}
	if s := read(t, a); s.UploadSuccess || s.Inputs != 2 || s.Failed != 2 {
		t.Errorf("%+v", s)
	}
	if a, _ := call("raw", "gone.txt", "busy.txt"); !a.failed || !strings.Contains(a.body, "gone.txt") || !strings.Contains(a.body, "busy.txt") {
		t.Errorf("a list of which none succeeds: %+v", a)
	}
	if a, _ := call("arn:aws:s3:::raw", "1.txt"); !read(t, a).UploadSuccess {
		t.Errorf("a bucket by its ARN: %+v", a)
	}
	if a, _ := call("raw", "1.txt", "2.txt"); !read(t, a).UploadSuccess {
		t.Errorf("a list of which all succeed: %+v", a)
	}
	if a, codes := call("lake", "ext/x.parquet"); a.failed || read(t, a).UploadSuccess || codes != "lake/ext/x.parquet PermanentFailure" {
		t.Errorf("what the function wrote itself: %+v", a)
	}
	for what, event := range map[string]string{"a test event": `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"raw"}`, "an event for what it wrote itself": s3Event("lake", "ext/x.parquet")} {
		if s := fn.must(event); s.UploadSuccess || s.OCSFUpload {
			t.Errorf("%s: %+v", what, s)
		}
	}
}
