package s3_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// A signature is for one service, one region and one body.
func TestSigner(t *testing.T) {
	s3test.Setenv(t, "http://127.0.0.1:1")
	signature := func(region, service, body string) string {
		t.Helper()
		sign, err := s3.Signer(t.Context(), s3.Options{Region: region}, service)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, "https://search.example.com/a%2A/_search?x=y", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := sign(r, []byte(body)); err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=` + s3test.Identity + `/[0-9]{8}/` + region + `/` + service + `/aws4_request, SignedHeaders=[^,]*host[^,]*x-amz-content-sha256[^,]*, Signature=([0-9a-f]{64})$`).
			FindStringSubmatch(r.Header.Get("Authorization"))
		if m == nil || r.Header.Get("X-Amz-Content-Sha256") == "" {
			t.Fatalf("%v", r.Header)
		}
		return m[1]
	}
	seen := map[string]bool{}
	for _, s := range []string{signature("eu-west-1", "es", "{}"), signature("us-east-2", "es", "{}"), signature("eu-west-1", "aoss", "{}"), signature("eu-west-1", "es", "[]")} {
		if seen[s] {
			t.Error("two signatures are the same")
		}
		seen[s] = true
	}
}
