package lambda_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// Files of rejects can be run again inside AWS, by name: their object is converted with the
// present mapping, which replaces its rejects. A notification of them is ignored.
func TestRejectsAreRunAgainByName(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(50))
	all := start(t, guide(server.URL)...)
	for _, file := range []string{"", "unmatched/"} {
		for name, event := range map[string]func(key string) string{"direct": func(key string) string { return direct("raw", key) },
			"Batch": func(key string) string { return batchTasks("2.0", "raw", key) }} {
			clear(server, "lake")
			none := start(t, guide(server.URL, "LAMBDA_TASK_ROOT="+onlyRootkitsFolder(t))...)
			none.must(direct("raw", "k.txt"))
			key := ""
			for k := range server.Bodies("raw", "rejects/"+file) {
				if strings.HasSuffix(k, ".ndjson.gz") {
					key = k
				}
			}
			if key == "" || len(server.Objects("lake")) != 0 {
				t.Fatalf("there are no lines to run again: %v", sizesOf(server, "raw"))
			}
			if s := all.must(s3Event("raw", key)); s.Skipped != 1 || s.Inputs != 0 {
				t.Errorf("a notification of %s: %+v", key, s)
			}
			if a := all.invoke(event(key)); a.failed || len(server.Objects("lake")) != 1 {
				t.Errorf("%s of %s: %+v, the lake has %v", name, key, a, sizesOf(server, "lake"))
			}
			for k := range server.Bodies("raw", "rejects/unmatched/") {
				if !strings.Contains(k, lake.LedgerFolder) {
					t.Errorf("%s of %s: %s is still there", name, key, k)
				}
			}
		}
	}
	server.Put("raw", "rejects/x.ndjson.gz", packed(t, []byte(`{"origin":"stdin"}`)))
	if a := all.invoke(direct("raw", "rejects/x.ndjson.gz")); !a.failed || !strings.Contains(a.body, "sluice replay") {
		t.Errorf("rejects of no object: %+v", a)
	}
}

// Where the rejects cannot be written, nor the manifests beside them, the events are, with
// rejects or without. The first object says which right is missing, and a redrive makes good
// what is missing.
func TestAStoreOfRejectsThatRefuses(t *testing.T) {
	server, q := s3test.New(t, "raw", "lake"), newSQS(t, "alerts")
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if strings.HasPrefix(r.String(), "PutObject raw/rejects") {
			s3test.Fail(w, 403, "AccessDenied")
			return true
		}
		return false
	}
	for _, key := range []string{"good.txt", "with rejects.txt"} {
		q.send("alerts", s3Event("raw", key), nil)
	}
	server.Put("raw", "good.txt", many(5))
	server.Put("raw", "with rejects.txt", many(50))
	fn := start(t, guide(server.URL, q.environ())...)
	q.round(t, "alerts", fn, 30*time.Second)
	dead, _ := q.waiting("dead")
	if len(dead) != 2 || len(server.Objects("lake")) != 2 {
		t.Fatalf("%d dead letters; the lake has %v", len(dead), sizesOf(server, "lake"))
	}
	for _, d := range dead {
		if reason := d.attributes["reason"]; !strings.Contains(reason, "raw/rejects/") || !strings.Contains(reason, "s3:PutObject") {
			t.Errorf("the reason is %s", reason)
		}
	}
	server.Intercept = nil
	q.redrive("alerts")
	q.round(t, "alerts", fn, 30*time.Second)
	if left, _ := q.waiting("alerts"); len(left) != 0 || len(server.Objects("lake")) != 2 {
		t.Errorf("%d messages are left; the lake has %v", len(left), sizesOf(server, "lake"))
	}
}

// The session of an assumed role carries the request that needed it.
func TestTheSessionNamesTheRequest(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(5))
	fn := start(t, guide(server.URL, "ROLE_ARN=arn:aws:iam::1:role/AmazonSecurityLake-Provider-wazuh-us-east-1")...)
	fn.must(s3Event("raw", "k.txt"))
	for _, r := range server.Requests() {
		if r.Bucket == "sts" && !strings.HasPrefix(r.Query.Get("RoleSessionName"), "sluice-request-") {
			t.Errorf("the session is %q", r.Query.Get("RoleSessionName"))
		}
	}
}
