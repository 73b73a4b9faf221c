package s3_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// A bucket in another region is followed there: reading, listing, writing in one request
// and in parts, deleting. What the server said is asked for once; one that names a region
// again and again is not followed for ever.
func TestABucketInAnotherRegion(t *testing.T) {
	server := s3test.New(t, "far")
	c := client(t, server.URL, s3.Options{})
	wrong := 0
	server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
		if strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/") {
			return false
		}
		wrong++
		w.Header().Set("X-Amz-Bucket-Region", "eu-west-1")
		s3test.Fail(w, http.StatusMovedPermanently, "PermanentRedirect")
		return true
	}
	sink := c.NewSink(s3.Ref{Bucket: "far"}, s3.Encryption{})
	for key, size := range map[string]int{"small": 1000, "in parts": 20 << 20} {
		o, err := sink.Create(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Write(noise(size)); err != nil {
			t.Fatal(err)
		}
		if err := o.Commit(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		in, err := c.Input(t.Context(), s3.Ref{Bucket: "far", Key: key})
		if err != nil {
			t.Fatal(err)
		}
		body, err := in.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != string(noise(size)) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	if all, err := c.List(t.Context(), s3.Ref{Bucket: "far"}); err != nil || len(all) != 2 {
		t.Errorf("%d are listed: %v", len(all), err)
	}
	if err := sink.Remove(t.Context(), "small"); err != nil {
		t.Error(err)
	}
	if wrong != 1 {
		t.Errorf("%d requests went to the wrong region", wrong)
	}
	wrong = 0
	server.Intercept = func(w http.ResponseWriter, _ s3test.Request) bool {
		wrong++
		w.Header().Set("X-Amz-Bucket-Region", []string{"eu-west-2", "eu-west-3"}[wrong%2])
		s3test.Fail(w, http.StatusMovedPermanently, "PermanentRedirect")
		return true
	}
	if _, err := c.Input(t.Context(), s3.Ref{Bucket: "far", Key: "in parts"}); err == nil || wrong > 2 {
		t.Errorf("%d requests, %v", wrong, err)
	}
}
