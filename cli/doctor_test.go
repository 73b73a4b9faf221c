package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// amazon answers what doctor and source ask of STS, Security Lake and buckets in region, and keeps
// what would change anything.
type amazon struct {
	region string
	denied bool // writing
	writes []string
}

func (s *amazon) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	switch {
	case strings.Contains(string(body), "Action=GetCallerIdentity"):
		fmt.Fprint(w, "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/me</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
	case r.URL.Path == "/v1/datalakes":
		fmt.Fprint(w, `{"dataLakes":[{"dataLakeArn":"d","region":"eu-west-1","s3BucketArn":"arn:aws:s3:::the-lake"}]}`)
	case r.Method == http.MethodHead:
		w.Header().Set("X-Amz-Bucket-Region", s.region)
	case r.URL.Query().Has("notification"):
		fmt.Fprint(w, "<NotificationConfiguration></NotificationConfiguration>")
	case r.Method == http.MethodGet:
		fmt.Fprint(w, "<ListBucketResult></ListBucketResult>")
	case r.Method == http.MethodPut && r.Header.Get("If-Match") != "" && s.denied:
		s3test.Fail(w, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodPut && r.Header.Get("If-Match") != "":
		s3test.Fail(w, http.StatusPreconditionFailed, "PreconditionFailed")
	default:
		s.writes = append(s.writes, r.Method+" "+r.URL.Path)
	}
}

func (s *amazon) run(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	server := httptest.NewServer(s)
	defer server.Close()
	s3test.Setenv(t, server.URL)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	var stdout, stderr bytes.Buffer
	code = cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}, func(string) string { return "" })
	return code, stdout.String() + stderr.String()
}

// Law: doctor finds out in buckets what works and what does not, and writes nothing.
func TestDoctorOfBuckets(t *testing.T) {
	s := &amazon{region: "eu-west-1"}
	code, out := s.run(t, "doctor", "-o", "s3://the-lake", "--rejects", "s3://the-raw/rejects", "--raw-bucket", "the-raw", "--region", "eu-west-1")
	for _, want := range []string{
		"ok       your own identity arn:aws:iam::123456789012:user/me\n",
		"ok       the region of the bucket the-lake: eu-west-1\n",
		"ok       writing to the lake s3://the-lake: s3://the-lake/ext/wazuh/region=eu-west-1/accountId=external/eventDay=",
		"ok       writing to the rejects s3://the-raw/rejects: s3://the-raw/rejects/sluice-write-test could be written, and was not\n",
		"wrong    the notifications of the bucket the-raw\n",
		"wrong    the newest object of the lake\n         there is none yet",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if code != 1 || len(s.writes) > 0 {
		t.Errorf("exit %d after %v:\n%s", code, s.writes, out)
	}
	s = &amazon{region: "us-west-2", denied: true}
	_, out = s.run(t, "doctor", "-o", "s3://the-lake", "--rejects", t.TempDir(), "--region", "eu-west-1")
	for _, want := range []string{
		"wrong    the region of the bucket the-lake\n         it is in us-west-2, and the region of the lake is eu-west-1",
		"wrong    writing to the lake s3://the-lake",
		"allow this identity s3:PutObject",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// A dry run asks who it is and where the lake is, and prints a role and a source for each class.
func TestSourceDryRun(t *testing.T) {
	s := &amazon{}
	code, out := s.run(t, "source", "create", "--dry-run", "--region", "eu-west-1", "--writer-id", "7Jx2", "--source", "acme")
	for _, want := range []string{"iam CreateRole\n", `"RoleName": "sluice-crawler-acme-eu-west-1"`, `"Resource": "arn:aws:s3:::the-lake/ext/acme/*"`,
		"securitylake CreateCustomLogSource\n", `"SECURITY_FINDING"`, `"principal": "123456789012"`, "nothing was changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not print %q", want)
		}
	}
	if code != 0 || len(s.writes) > 0 {
		t.Errorf("exit %d after %v:\n%s", code, s.writes, out)
	}
	code, out = s.run(t, "source", "create", "--dry-run", "--region", "eu-west-1", "--writer-id", "7Jx2", "--source", "a-name-of-21-characters")
	if code != 2 || !strings.Contains(out, "Security Lake accepts 20") {
		t.Errorf("a long name: exit %d, %s", code, out)
	}
}
