package lambda_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// What no retry helps goes to the dead letters at the first try, with its reason; what
// time may cure waits twice as long after every try; what was not begun comes at once.
func TestWhatBecomesOfAFailedMessage(t *testing.T) {
	for _, test := range []struct {
		name, op string
		status   int
		code     string
		letter   string // part of its reason, "" for a message that comes again
	}{
		{"403 on the lake", "PutObject lake", 403, "AccessDenied", "s3:PutObject"},
		{"403 on the raw bucket", "GetObject raw/0.txt", 403, "AccessDenied", "s3:GetObject"},
		{"archived", "GetObject raw/0.txt", 403, "InvalidObjectState", "restore it"},
		{"gone", "GetObject raw/0.txt", 404, "NoSuchKey", "was deleted"},
		{"503 on the lake", "PutObject lake", 503, "SlowDown", ""},
		{"replaced while it is read", "GetObject raw/0.txt", 412, "PreconditionFailed", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
			server.Put("raw", "0.txt", many(20))
			server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
				if strings.HasPrefix(r.String(), test.op) {
					s3test.Fail(w, test.status, test.code)
					return true
				}
				return false
			}
			q.send("alerts", s3Event("raw", "0.txt"), nil)
			fn := start(t, guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")...)
			q.round(t, "alerts", fn, 30*time.Second)
			left, next := q.waiting("alerts")
			dead, _ := q.waiting("dead")
			if test.letter == "" {
				if len(left) != 1 || len(dead) != 0 || next != 30*time.Second {
					t.Fatalf("%d messages, the next in %s; %d dead letters", len(left), next, len(dead))
				}
				q.pass(next)
				q.round(t, "alerts", fn, 30*time.Second)
				if _, next := q.waiting("alerts"); next != time.Minute {
					t.Errorf("after the second try it waits %s", next)
				}
				return
			}
			if len(left) != 0 || len(dead) != 1 {
				t.Fatalf("%d messages are left, %d are dead letters", len(left), len(dead))
			}
			if got := dead[0]; got.body != s3Event("raw", "0.txt") || !strings.Contains(got.attributes["reason"], test.letter) || got.attributes["key"] != "s3://raw/0.txt" {
				t.Errorf("the dead letter is %+v", got)
			}
			server.Intercept = nil
			q.redrive("alerts")
			q.round(t, "alerts", fn, 30*time.Second)
			if left, _ := q.waiting("alerts"); len(left) != 0 || len(server.Objects("lake")) != 1 {
				t.Errorf("after the redrive %d messages are left, and the lake has %v", len(left), sizesOf(server, "lake"))
			}
			if _, metrics := fn.said(); !strings.Contains(metrics, `"DeadLetters":1`) {
				t.Errorf("the dead letter is not counted: %s", metrics)
			}
		})
	}
}

// A message that cannot be read is a dead letter; one with several objects only when all
// that failed in it fails for good.
func TestLettersOfOddMessages(t *testing.T) {
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	server.Put("raw", "good.txt", many(20))
	server.Put("raw", "busy.txt", many(21))
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Key == "busy.txt" {
			s3test.Fail(w, 503, "SlowDown")
			return true
		}
		return false
	}
	for _, body := range []string{"what is this", s3Event("raw", "good.txt", "gone\x01.txt"), s3Event("raw", "gone.txt", "busy.txt")} {
		q.send("alerts", body, nil)
	}
	fn := start(t, guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")...)
	q.round(t, "alerts", fn, 30*time.Second)
	left, _ := q.waiting("alerts")
	dead, _ := q.waiting("dead")
	if len(left) != 1 || left[0].id != "m3" || len(dead) != 2 {
		t.Fatalf("left: %+v, dead letters: %+v", left, dead)
	}
	for _, d := range dead {
		if _, has := d.attributes["key"]; has != strings.Contains(d.body, "gone") || !strings.Contains(d.attributes["reason"], map[bool]string{true: "gone\uFFFD.txt", false: "not the JSON"}[has]) {
			t.Errorf("%+v", d)
		}
	}
}

// A function that may not send letters, or whose queue has nowhere to send them, loses
// nothing: SQS moves the message after its tries.
func TestWithoutTheRightToSendLetters(t *testing.T) {
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	q.Denied["SendMessage"], q.Denied["ChangeMessageVisibilityBatch"] = true, true
	q.send("alerts", s3Event("raw", "gone.txt"), nil)
	fn := start(t, guide(server.URL, q.environ())...)
	tries := 0
	for {
		_, next := q.waiting("alerts")
		if next < 0 {
			break
		}
		q.pass(next)
		tries += q.round(t, "alerts", fn, 30*time.Second)
	}
	if dead, _ := q.waiting("dead"); len(dead) != 1 || tries != 10 {
		t.Errorf("after %d tries there are %d dead letters", tries, len(dead))
	}
	log, _ := fn.said()
	for _, right := range []string{"sqs:SendMessage", "sqs:ChangeMessageVisibility"} {
		if strings.Count(log, right+" on") != 1 {
			t.Errorf("the log does not name %s once:\n%s", right, log)
		}
	}
}

// An object that is alone, has all the time there is, and is not done then never will be.
func TestPoisonIsADeadLetter(t *testing.T) {
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	object := packed(t, large())
	server.Put("raw", "poison.gz", object)
	tag := server.Objects("raw")["poison.gz"].ETag
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method != http.MethodGet || r.Bucket != "raw" {
			return false
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Length", fmt.Sprint(len(object)))
		most := len(object) - 100 // the rest comes byte by byte
		_, err := w.Write(object[:most])
		for i := most; i < len(object) && err == nil; i++ {
			if err = http.NewResponseController(w).Flush(); err == nil {
				_, err = w.Write(object[i : i+1])
			}
			time.Sleep(200 * time.Millisecond)
		}
		return true
	}
	fn := warm(t, q, guide(server.URL, q.environ())...)
	q.send("alerts", s3Event("raw", "poison.gz"), nil)
	for range 3 { // on a busy machine the object may not get its time at once
		q.round(t, "alerts", fn, 10*time.Second)
		_, next := q.waiting("alerts")
		q.pass(max(next, 0))
	}
	dead, _ := q.waiting("dead")
	if len(dead) != 1 {
		t.Fatalf("%d dead letters", len(dead))
	}
	for _, says := range []string{fmt.Sprintf("%d bytes", len(object)), " lines of it were done", "sluice run s3://raw/poison.gz", "S3 Batch"} {
		if !strings.Contains(dead[0].attributes["reason"], says) {
			t.Errorf("the reason does not say %q: %s", says, dead[0].attributes["reason"])
		}
	}
}

// warm starts a function that has had a message and sent a dead letter, so that its first
// invocation's work takes no time of the next.
func warm(t *testing.T, q *sqsServer, env ...string) *host {
	t.Helper()
	fn := start(t, env...)
	q.send("alerts", "not an event", nil)
	q.round(t, "alerts", fn, 30*time.Second)
	q.redrive("alerts")
	q.queues["alerts"].messages = nil
	return fn
}

// What is not begun for lack of time comes again at once, and with many receives before
// all others; a large object beside others is not poison.
func TestWhatIsNotBegunComesAtOnce(t *testing.T) {
	var wrong string
	for range 3 { // a busy machine may leave no time for what comes after the work
		if wrong = comesAtOnce(t); wrong == "" {
			return
		}
	}
	t.Error(wrong)
}

func comesAtOnce(t *testing.T) (wrong string) {
	t.Helper()
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	var order []string
	var slow atomic.Bool
	slow.Store(true)
	fn := warm(t, q, guide(server.URL, q.environ())...)
	for i := range 3 {
		key := fmt.Sprintf("%d.txt", i)
		server.Put("raw", key, many(10+i))
		q.send("alerts", s3Event("raw", key), nil)
	}
	q.queues["alerts"].messages[2].receives = 4 // before this one
	q.queues["alerts"].messages[1].receives = 1
	server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "GetObject raw") && slow.Load() {
			order = append(order, r.Key)
			time.Sleep(2200 * time.Millisecond) // more than half of the 4 seconds that the function has
		}
		return false
	}
	q.round(t, "alerts", fn, 5*time.Second)
	left, next := q.waiting("alerts")
	dead, _ := q.waiting("dead")
	if len(left) == 0 || next != 0 || len(dead) != 0 || order[0] != "2.txt" {
		return fmt.Sprintf("read %v; %d messages are left, the next comes in %s; %d dead letters", order, len(left), next, len(dead))
	}
	slow.Store(false)
	q.round(t, "alerts", fn, 30*time.Second)
	if left, _ := q.waiting("alerts"); len(left) != 0 {
		t.Errorf("%+v are left", left)
	}
	return ""
}

// A FIFO queue is known by its ARN, since messages of other queues have groups too; what
// goes to its dead letters holds nothing up.
func TestFIFOIsKnownByTheQueue(t *testing.T) {
	for name, leftOver := range map[string]int{"alerts.fifo": 2, "alerts": 1} {
		server, q := s3test.New(t, "raw", "lake"), newSQS(t, name)
		server.Put("raw", "0.txt", many(20))
		server.Put("raw", "1.txt", many(21))
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if r.Key == "1.txt" {
				s3test.Fail(w, 503, "SlowDown")
				return true
			}
			return false
		}
		for _, key := range []string{"gone.txt", "1.txt", "0.txt"} {
			q.send(name, s3Event("raw", key), nil)
		}
		q.round(t, name, start(t, guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")...), 30*time.Second)
		left, _ := q.waiting(name)
		if dead, _ := q.waiting("dead"); len(dead) != 1 || len(left) != leftOver {
			t.Errorf("%s: %d are left, %d dead letters", name, len(left), len(dead))
		}
	}
}

// An object that ends the function each time does not keep those from being converted that
// come with it each time.
func TestTheOthersOfADeadlyBatch(t *testing.T) {
	for deadly := range 4 {
		server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
		env := guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")
		var fn atomic.Pointer[host] // of which the server ends one, and the test starts the next
		fn.Store(start(t, env...))
		server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
			if r.Key != fmt.Sprintf("%d.txt", deadly) {
				return false
			}
			running := fn.Load()
			_ = running.process.Process.Kill()
			<-running.ended
			return true
		}
		for i := range 4 {
			key := fmt.Sprintf("%d.txt", i)
			server.Put("raw", key, many(10+i))
			q.send("alerts", s3Event("raw", key), nil)
		}
		for {
			_, wait := q.waiting("alerts")
			if wait < 0 {
				break
			}
			q.pass(wait)
			if q.round(t, "alerts", fn.Load(), 30*time.Second); !isAlive(fn.Load()) {
				fn.Store(start(t, env...))
			}
		}
		if n := len(server.Objects("lake")); n != 3 {
			t.Errorf("with %d deadly, %d of the 3 others are in the lake", deadly, n)
		}
	}
}

// A failed object is one error in the log, however it was named: a call that fails with it adds none.
func TestAFailureIsLoggedOnce(t *testing.T) {
	for what, event := range map[string]string{"a message": sqsEvent("", s3Event("raw", "gone.txt")), "a call": direct("raw", "gone.txt"),
		"a notification": s3Event("raw", "gone.txt"), "a list": "[" + direct("raw", "gone.txt") + "]", "a task": batchTasks("2.0", "raw", "gone.txt")} {
		server := s3test.New(t, "raw", "lake")
		fn := start(t, guide(server.URL, "SLUICE_LOG_LEVEL=info")...)
		fn.invoke(event)
		if log, _ := fn.said(); strings.Count(log, `"level":"ERROR"`) != 1 || !strings.Contains(log, `"key":"gone.txt"`) {
			t.Errorf("%s:\n%s", what, log)
		}
	}
}
