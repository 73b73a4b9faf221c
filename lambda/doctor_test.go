package lambda_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// Law: called with {"doctor":true}, the function says what it may write, and writes nothing.
func TestDoctor(t *testing.T) {
	server := s3test.New(t, "lake", "kept", "copies")
	fn := start(t, guide(server.URL, "SLUICE_REJECTS=s3://kept/r", "S3_BUCKET_OCSF=copies", "OCSF_CLASS=BY_CLASS")...)
	a := fn.invoke(`{"doctor":true}`)
	for _, want := range []string{`{"doctor":true,`, `writing the custom source wazuh-auth: s3://lake/ext/wazuh-auth/region=us-east-1/accountId=111122223333/eventDay=`, `writing the custom source wazuh-finding: `,
		`writing rejects: s3://kept/r/sluice-write-test could be written, and was not`, `writing copies: s3://copies/ext/wazuh/sluice-write-test could`, `"what":"the mapping: `} {
		if a.failed || !strings.Contains(a.body, want) {
			t.Errorf("it does not say %s", want)
		}
	}
	for _, bucket := range []string{"lake", "kept", "copies"} {
		if n := len(server.Objects(bucket)); n > 0 {
			t.Errorf("there are %d objects in %s", n, bucket)
		}
	}
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		denied := strings.Contains(r.Key, "wazuh-auth")
		if denied {
			s3test.Fail(w, http.StatusForbidden, "AccessDenied")
		}
		return denied
	}
	b := fn.invoke(`{"doctor":true}`)
	if b.failed || !strings.Contains(b.body, `{"doctor":false,`) || strings.Count(b.body, `"state":"wrong"`) != 1 || !strings.Contains(b.body, "allow this identity s3:PutObject") {
		t.Errorf("a source that may not be written: %s", b.body)
	}
	if t.Failed() {
		t.Log(a.body)
	}
	fn = start(t, guide(server.URL)...)
	if c := fn.invoke(`{"doctor":true}`); !strings.Contains(c.body, `{"state":"unknown","what":"writing rejects"`) {
		t.Errorf("without a place for rejects: %s", c.body)
	}
}
