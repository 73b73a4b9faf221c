package lambda_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// Where the rejects may not be written, the events are, and the object is a dead letter. Its
// redrive, with the same or another mapping, writes the rejects and replaces what the first
// one made: also objects of days that have no events any more. With a fault that passes, the
// object comes again.
func TestEventsWithoutTheRightToWriteRejects(t *testing.T) {
	two := string(samples(t)) + `{"timestamp":"2031-03-14T09:00:00.976+0000","id":"9.1","rule":{"id":"5715","level":3,"description":"d"},"agent":{"id":"001","name":"web"},"location":"l"}` + "\n"
	const logstash = "20260314/ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2026-03-14T09.05.part0.txt"
	for name, then := range map[string]string{"the same mapping": "X=", "other days": "SLUICE_EVENT_DAYS=2000-01-01..2030-01-01"} {
		for _, key := range []string{"alerts.txt", logstash} {
			server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
			server.Put("raw", key, []byte(two))
			server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
				if r.Method != http.MethodPut || !strings.HasPrefix(r.Key, "rejects/") {
					return false
				}
				s3test.Fail(w, 403, "AccessDenied")
				return true
			}
			q.send("alerts", s3Event("raw", key), nil)
			env := guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")
			fn := start(t, env...)
			q.round(t, "alerts", fn, 30*time.Second)
			dead, _ := q.waiting("dead")
			written := server.Objects("lake")
			if left, _ := q.waiting("alerts"); len(left) != 0 || len(dead) != 1 || len(written) < 2 {
				t.Fatalf("%s: %d messages, %d dead letters, %d objects", name, len(left), len(dead), len(written))
			}
			if reason := dead[0].attributes["reason"]; !strings.Contains(reason, "s3:PutObject") || !strings.Contains(reason, "events are written") || dead[0].attributes["key"] != "s3://raw/"+key {
				t.Errorf("%s: the letter says %+v", name, dead[0].attributes)
			}
			server.Intercept = nil
			q.redrive("alerts")
			q.round(t, "alerts", start(t, append(env, then)...), 30*time.Second)
			var m *lake.Manifest
			for at, body := range server.Bodies("raw", "rejects/"+lake.LedgerFolder+"/") {
				if strings.HasSuffix(at, ".json") {
					m, _ = lake.ParseManifest(body)
				}
			}
			there := server.Objects("lake")
			if m == nil || m.Pending != nil || len(m.Objects) != len(there) || m.RejectLines == 0 || len(m.Rejects) != 1 {
				t.Fatalf("%s: the lake has %d objects, and the manifest is %+v", name, len(there), m)
			}
			want := len(written)
			if name == "other days" {
				want--
			}
			if len(there) != want {
				t.Errorf("%s: %d objects of %d", name, len(there), want)
			}
			if left, _ := q.waiting("alerts"); len(left) > 0 {
				t.Errorf("%s: %d messages are left", name, len(left))
			}
		}
	}
}

// Where the manifest can be written and the rejects cannot, for a while, the events are in
// the lake at once, and the next try writes the rejects and nothing again.
func TestEventsWhileRejectsFail(t *testing.T) {
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	server.Put("raw", "alerts.txt", samples(t))
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method != http.MethodPut || !strings.HasSuffix(r.Key, ".ndjson.gz") {
			return false
		}
		s3test.Fail(w, 500, "InternalError")
		return true
	}
	q.send("alerts", s3Event("raw", "alerts.txt"), nil)
	fn := start(t, guide(server.URL, q.environ(), "AWS_MAX_ATTEMPTS=1")...)
	q.round(t, "alerts", fn, 30*time.Second)
	written := sizesOf(server, "lake")
	left, wait := q.waiting("alerts")
	if len(written) == 0 || len(left) != 1 {
		t.Fatalf("the lake has %v, %d messages are left", written, len(left))
	}
	server.Intercept = nil
	before := len(server.Requests())
	q.pass(wait)
	q.round(t, "alerts", fn, 30*time.Second)
	if left, _ := q.waiting("alerts"); len(left) > 0 || len(server.Bodies("raw", "rejects/2026")) != 1 {
		t.Errorf("%d messages are left, the rejects are %v", len(left), sizesOf(server, "raw"))
	}
	always, _ := writes(server, before)
	for _, r := range always {
		if strings.Contains(r, " lake/") {
			t.Errorf("it was written again: %s", r)
		}
	}
}
