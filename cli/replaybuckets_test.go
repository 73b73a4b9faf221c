package cli_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

const replayed = `mapping: my/%s
schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  severity_id: 0
  state_id: 1
  time: =%s
  finding: {uid: =id, title: t}
  metadata: {product: {name: Wazuh, vendor_name: Wazuh}}
`

// Rejects in a bucket are replayed into the lake that the manifests name, with copies. In a
// lake where nothing may be deleted, what a run replaces has no rows afterwards, and is
// named.
func TestReplayInBuckets(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "ocsf", "kept")
	s3test.Setenv(t, server.URL)
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if r.Method == http.MethodDelete && r.Bucket != "kept" {
			s3test.Fail(w, http.StatusForbidden, "AccessDenied")
			return true
		}
		return false
	}
	folder := t.TempDir()
	mapping := func(name, time string) string {
		path := filepath.Join(folder, name+".yaml")
		if err := os.WriteFile(path, fmt.Appendf(nil, replayed, name, time), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, mended, other := mapping("old", "at"), mapping("mended", "at ?? then"), mapping("other", `at ?? "2026-03-20T00:00:00Z"`)
	server.Put("raw", "a.json", []byte(`{"id":"1","at":"2026-03-14T06:00:00Z"}
{"id":"2","then":"2026-03-15T06:00:00Z"}
`))
	env := map[string]string{"AWS_BUCKET": "lake", "S3_BUCKET_OCSF": "ocsf", "SLUICE_REJECTS": "s3://kept/r"}
	must := func(env map[string]string, want int, args ...string) string {
		t.Helper()
		code, said := inBuckets(t, env, "", args...)
		if code != want {
			t.Fatalf("%v: exit code %d: %s", args, code, said)
		}
		return said
	}
	must(env, 3, "run", "-m", old, "s3://raw/a.json")
	if said := must(nil, 3, "run", "-m", old, "-o", "-", "--rejects", t.TempDir(), "s3://kept/r/"); !strings.Contains(said, "1 line: 0 events, 1 reject") {
		t.Errorf("a run over the rejects reads more than these: %s", said)
	}
	must(nil, 3, "replay", "s3://kept/r")
	must(nil, 0, "replay", "-m", mended, "s3://kept/r/")
	if n, copies, kept := len(server.Objects("lake")), len(server.Objects("ocsf")), len(server.Bodies("kept", "r/2")); n != 2 || copies != 2 || kept != 0 {
		t.Errorf("%d objects, %d copies, %d files of rejects", n, copies, kept)
	}
	if said := must(env, 0, "run", "-m", other, "s3://raw/a.json"); !strings.Contains(said, "1 object of earlier runs could not be deleted") || !strings.Contains(said, "eventDay=20260315") {
		t.Errorf("it does not name what has no rows now: %s", said)
	}
	if n := len(server.Objects("lake")); n != 3 {
		t.Errorf("%d objects", n)
	}
	before := len(server.Requests())
	must(env, 0, "run", "-m", other, "s3://raw/a.json")
	for _, r := range server.Requests()[before:] {
		if r.Method == http.MethodPut && r.Header.Get("If-None-Match") == "" || r.Method == http.MethodDelete {
			t.Errorf("the same run again makes the request %s", r)
		}
	}
}
