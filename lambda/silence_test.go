package lambda_test

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// silent is the address of a server that takes connections and answers nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
		}
	}()
	return "http://" + l.Addr().String()
}

// A server that does not answer, such as one to which the network has no way, makes no object a
// dead letter: it comes again, and the log says which server it was.
func TestASilentServerMakesNoPoison(t *testing.T) {
	for what, says := range map[string]string{"sts": "waiting for an answer of the token service (STS)", "lake": "waiting for an answer of 127.0.0.1:"} {
		server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
		server.Put("raw", "0.txt", many(20))
		over := make(chan struct{})
		server.Intercept = func(_ http.ResponseWriter, r s3test.Request) bool {
			if r.Bucket == what {
				<-over
			}
			return false
		}
		q.send("alerts", s3Event("raw", "0.txt"), nil)
		env := guide(server.URL, q.environ(), "ROLE_ARN=arn:aws:iam::1:role/provider")
		if what == "sts" {
			env = append(env, "AWS_ENDPOINT_URL_STS="+silent(t))
		}
		fn := start(t, env...)
		q.round(t, "alerts", fn, 6*time.Second)
		close(over)
		left, next := q.waiting("alerts")
		if dead, _ := q.waiting("dead"); len(dead) != 0 || len(left) != 1 || next != 30*time.Second {
			t.Errorf("%s: %d messages, the next in %s; dead letters %v", what, len(left), next, dead)
		}
		if log, _ := fn.said(); !strings.Contains(log, says) {
			t.Errorf("%s: %s", what, log)
		}
	}
}

// A queue that does not answer, as from a network without a way to it, takes no time that the
// answer needs: what is done is not delivered again.
func TestASilentQueueLeavesTimeToAnswer(t *testing.T) {
	const limit = 8 * time.Second
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "0.txt", many(20))
	over := make(chan struct{})
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "PutObject lake") {
			<-over // so that the work takes all its time
		}
		return false
	}
	fn := start(t, guide(server.URL, "AWS_ENDPOINT_URL_SQS="+silent(t))...)
	began := time.Now()
	bodies := []string{s3Event("raw", "0.txt"), s3Event("raw", "gone.txt"), "what is this", s3Event("raw", "gone too.txt")}
	for range 40 {
		bodies = append(bodies, "what is this")
	}
	a := fn.invokeFor(limit, sqsEvent("", bodies...))
	close(over)
	if took := time.Since(began); took > limit {
		t.Errorf("the answer took %s of %s", took, limit)
	}
	if n := len(read(t, a).BatchItemFailures); n != len(bodies) {
		t.Errorf("%d of %d messages come again", n, len(bodies))
	}
	if log, _ := fn.said(); !strings.Contains(log, "SQS did not answer") {
		t.Errorf("nothing is said of the queue: %s", log)
	}
}
