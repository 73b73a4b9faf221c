package lambda_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// writes are the requests that may change something, those that only write what is
// missing marked as such.
func writes(server *s3test.Server, since int) (unconditional, conditional []string) {
	for _, r := range server.Requests()[since:] {
		switch {
		case r.Method != http.MethodPut && r.Method != http.MethodPost && r.Method != http.MethodDelete:
		case r.Header.Get("If-None-Match") == "*":
			conditional = append(conditional, r.String())
		default:
			unconditional = append(unconditional, r.String())
		}
	}
	return unconditional, conditional
}

// Law: a redelivery changes nothing, and asks the server to write only what is missing.
// With "overwrite", or with another mapping, everything is written again.
func TestARedeliveryChangesNothing(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf")
	env := guide(server.URL, "S3_BUCKET_OCSF=ocsf")
	const key = "20260314/ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2026-03-14T09.05.part0.txt"
	server.Put("raw", key, many(1500))
	fn := start(t, env...)
	fn.must(s3Event("raw", key))
	want := inBuckets(t, server, "ocsf")
	before := len(server.Requests())
	fn.must(s3Event("raw", key))
	start(t, env...).must(s3Event("raw", key)) // a cold one
	if always, _ := writes(server, before); len(always) > 0 {
		t.Errorf("a redelivery writes %v", always)
	}
	for name := range want { // what is missing comes back
		if strings.HasPrefix(name, "lake/") {
			server.Delete("lake", strings.TrimPrefix(name, "lake/"))
		}
	}
	fn.must(s3Event("raw", key))
	same(t, "redelivered", want, inBuckets(t, server, "ocsf"))
	before = len(server.Requests())
	fn.must(fmt.Sprintf(`{"bucket":"raw","key":%q,"overwrite":true}`, key))
	if always, conditional := writes(server, before); len(always) < len(want) || len(conditional) > 0 {
		t.Errorf("with overwrite it writes %v, and %v if they are missing", always, conditional)
	}
	same(t, "overwritten", want, inBuckets(t, server, "ocsf"))
	before = len(server.Requests())
	start(t, append(env, "SLUICE_SET_PRODUCT_VERSION=4.14.7")...).must(s3Event("raw", key))
	if always, _ := writes(server, before); !strings.Contains(fmt.Sprint(always), "PutObject lake/ext/") {
		t.Errorf("another mapping writes %v", always)
	}
}

// Equal content is the same input under any key, packed or not; other content under a
// name of Logstash's that is taken gets names of its own. The function lists no more
// than manifests.
func TestContentIsKnownAgain(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	const logstash = "ls.s3.0055f22e-200e-4259-b865-8ccea05812be.2026-03-14T09.05.part0.txt"
	fn := start(t, guide(server.URL)...)
	deliver := func(key string, body []byte) int {
		server.Put("raw", key, body)
		fn.must(s3Event("raw", key))
		return len(server.Objects("lake"))
	}
	if n := deliver("a/"+logstash, many(20)); n != 1 {
		t.Fatalf("%d objects", n)
	}
	for key, body := range map[string][]byte{"copy.txt": many(20), "b/" + logstash + ".gz": packed(t, many(20))} {
		if n := deliver(key, body); n != 1 {
			t.Errorf("%s made another: %d objects", key, n)
		}
	}
	first := server.Objects("lake")
	if n := deliver("c/"+logstash, many(30)); n != 2 {
		t.Errorf("other content under the same name: %d objects", n)
	}
	for key, o := range first {
		if string(server.Objects("lake")[key].Body) != string(o.Body) {
			t.Errorf("%s was overwritten by other content", key)
		}
	}
	for _, r := range server.Requests() {
		if r.Key == "" && r.Bucket == "raw" && !strings.HasPrefix(r.Query.Get("prefix"), "rejects/"+lake.LedgerFolder+"/") {
			t.Errorf("it listed %s", r.Query.Get("prefix"))
		}
	}
}
