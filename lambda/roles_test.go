package lambda_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

const twoClasses = `{"timestamp":"2024-04-22T14:20:46.976+0000","id":"1.1","rule":{"id":"5715","level":3,"description":"d","groups":["authentication_success"]},"decoder":{"name":"sshd"},"data":{"dstuser":"ann"},"agent":{"id":"1","name":"n"}}
{"timestamp":"2024-04-22T14:20:47.976+0000","id":"1.2","rule":{"id":"1","level":3,"description":"d"},"agent":{"id":"1","name":"n"}}
`

// A set of several sources is one function: each source is written with its own role,
// assumed once, when it is first needed.
func TestEachSourceHasItsRole(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.ExternalID = "an id"
	server.Put("raw", "k.txt", []byte(twoClasses))
	fn := start(t, guide(server.URL, "OCSF_CLASS=BY_CLASS", "SOURCE_LOCATION=acme", "SLUICE_SOURCES=3002=logins", "EXTERNAL_ID=an id",
		"ROLE_ARN=arn:aws:iam::1:role/AmazonSecurityLake-Provider-{source}-{region}", "SLUICE_ROLES=logins=arn:aws:iam::2:role/odd")...)
	for range 2 {
		if s := fn.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != "" || s.Events != 2 {
			t.Fatalf("%+v", s)
		}
	}
	want := map[string]string{"logins": "arn:aws:iam::2:role/odd", "acme-finding": "arn:aws:iam::1:role/AmazonSecurityLake-Provider-acme-finding-us-east-1"}
	assumed, wrote := map[string]int{}, map[string]bool{}
	for _, r := range server.Requests() {
		switch r.Bucket {
		case "sts":
			assumed[r.Key]++
		case "lake":
			source := strings.Split(r.Key, "/")[1]
			if got := r.Header.Get("X-Amz-Security-Token"); got != want[source] {
				t.Errorf("%s was written by %s", r, got)
			}
			wrote[source] = true
		}
	}
	if len(assumed) != 2 || assumed[want["logins"]] != 1 || assumed[want["acme-finding"]] != 1 || len(wrote) != 2 {
		t.Errorf("assumed were %v, written %v", assumed, wrote)
	}
	if n := server.Unfinished(); n != 0 {
		t.Errorf("%d uploads are unfinished", n)
	}
}

// An input of several sources fails before an object of any of them is visible, if one of
// them may not be written, whichever it is.
func TestAllSourcesOfAnInputOrNone(t *testing.T) {
	for _, source := range []string{"acme-auth", "acme-finding"} {
		server := s3test.New(t, "raw", "lake")
		server.Put("raw", "k.txt", []byte(twoClasses))
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if !strings.Contains(r.Header.Get("X-Amz-Security-Token"), source) {
				return false
			}
			s3test.Fail(w, 403, "AccessDenied")
			return true
		}
		fn := start(t, guide(server.URL, "OCSF_CLASS=BY_CLASS", "SOURCE_LOCATION=acme", "ROLE_ARN=arn:aws:iam::1:role/AmazonSecurityLake-Provider-{source}-{region}")...)
		if s := fn.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != "m0" || len(server.Objects("lake")) != 0 {
			t.Errorf("%s: %q come again, the lake has %v", source, s.failures(), sizesOf(server, "lake"))
		}
		server.Intercept = nil
		if s := fn.must(sqsEvent("", s3Event("raw", "k.txt"))); s.failures() != "" || len(server.Objects("lake")) != 2 {
			t.Errorf("%s, mended: %q come again, the lake has %v", source, s.failures(), sizesOf(server, "lake"))
		}
	}
}

// Every request names the account that its bucket must belong to, where it is known.
func TestTheOwnerOfABucket(t *testing.T) {
	const ofLake, ofOthers = "111122223333", "444455556666"
	for _, others := range []string{"", ofOthers} {
		ownersOf(t, map[string]string{"lake": ofLake, "raw": others, "rejects": others, "json": others})
	}
}

func ownersOf(t *testing.T, owners map[string]string) {
	t.Helper()
	server := s3test.New(t, "raw", "lake", "rejects", "json")
	server.Put("raw", "k.txt.gz", packed(t, append(large(), "no JSON\n"...)))
	start(t, guide(server.URL, little, "SLUICE_LAKE_ACCOUNT="+owners["lake"], "SLUICE_BUCKET_ACCOUNT="+owners["raw"], "SLUICE_REJECTS=s3://rejects/r", "S3_BUCKET_OCSF=json")...).must(s3Event("raw", "k.txt.gz"))
	parts := 0
	asked := map[string]bool{}
	for _, r := range server.Requests() {
		asked[r.Bucket] = true
		if got := r.Header.Get("X-Amz-Expected-Bucket-Owner"); got != owners[r.Bucket] {
			t.Errorf("%s expects the owner %q", r, got)
		}
		if strings.HasPrefix(r.String(), "UploadPart lake") {
			parts++
		}
	}
	for _, bucket := range []string{"raw", "lake", "rejects", "json"} {
		if !asked[bucket] {
			t.Errorf("nobody asked the bucket %s", bucket)
		}
	}
	if parts == 0 {
		t.Error("nothing was written in parts")
	}
}
