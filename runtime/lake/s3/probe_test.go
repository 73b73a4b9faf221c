package s3

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// Law: to ask whether one may write leaves nothing, on a server that knows conditions and on
// one that does not.
func TestMayWriteLeavesNothing(t *testing.T) {
	for _, ignores := range []bool{false, true} {
		server := s3test.New(t, "lake")
		s3test.Setenv(t, server.URL)
		c, err := NewClient(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		removed := 0
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool {
			if r.Method == http.MethodDelete {
				removed++
			}
			return ignores && r.Method == http.MethodPut // accepted without a look at the condition
		}
		if err := c.MayWrite(t.Context(), Ref{Bucket: "lake", Key: "ext/x"}, Encryption{}); err != nil {
			t.Error(err)
		}
		if n := len(server.Bodies("lake", "")); n != 0 || ignores != (removed == 1) {
			t.Errorf("ignoring conditions %t: there are %d objects, after %d removals", ignores, n, removed)
		}
		server.Intercept = func(w http.ResponseWriter, r s3test.Request) bool { // may not read, as a provider role
			if r.Method == http.MethodPut {
				s3test.Fail(w, http.StatusForbidden, "AccessDenied")
			}
			return r.Method == http.MethodPut
		}
		if err := c.MayWrite(t.Context(), Ref{Bucket: "lake", Key: "ext/x"}, Encryption{}); err != nil || server.Unfinished() > 0 || len(server.Bodies("lake", "")) > 0 {
			t.Errorf("an identity that may begin an upload: %v", err)
		}
		server.Intercept = func(w http.ResponseWriter, _ s3test.Request) bool {
			s3test.Fail(w, http.StatusForbidden, "AccessDenied")
			return true
		}
		if err := c.MayWrite(t.Context(), Ref{Bucket: "lake", Key: "ext/x"}, Encryption{}); err == nil || !strings.Contains(err.Error(), "allow this identity s3:PutObject") {
			t.Errorf("without the right: %v", err)
		}
	}
}

// Notifications are read from what S3 documents.
func TestNotifications(t *testing.T) {
	server := s3test.New(t, "raw")
	s3test.Setenv(t, server.URL)
	c, err := NewClient(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	server.Intercept = func(w http.ResponseWriter, _ s3test.Request) bool {
		_, err := w.Write([]byte(`<NotificationConfiguration>
<QueueConfiguration><Queue>arn:aws:sqs:::q</Queue><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>Suffix</Name><Value>.txt</Value></FilterRule></S3Key></Filter></QueueConfiguration>
<TopicConfiguration><Topic>arn:aws:sns:::t</Topic><Event>s3:ObjectRemoved:*</Event></TopicConfiguration>
<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:::f</CloudFunction><Event>s3:ObjectCreated:Put</Event></CloudFunctionConfiguration>
<EventBridgeConfiguration></EventBridgeConfiguration></NotificationConfiguration>`))
		if err != nil {
			t.Error(err)
		}
		return true
	}
	got, err := c.Notifications(t.Context(), "raw")
	want := []Notification{{"arn:aws:sqs:::q", ".txt"}, {To: "arn:aws:lambda:::f"}, {To: "EventBridge"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
