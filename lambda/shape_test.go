package lambda

import (
	"strings"
	"testing"
)

// Whatever arrives is understood or an error, names whole objects or none, and
// no error repeats what it read: that may be text of an alert.
func FuzzEvent(f *testing.F) {
	for _, seed := range []string{
		`{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":"a+b%2Fc","versionId":"null"}}}]}`,
		`{"Records":[{"messageId":"m","body":"{\"Type\":\"Notification\",\"Message\":\"{}\"}","attributes":{"MessageGroupId":"g"}}]}`,
		`{"Records":[{"Sns":{"Message":"{\"Event\":\"s3:TestEvent\"}"}},{}]}`, `{"Records":[null]}`, `{"Records":[{"s3":null}]}`,
		`{"detail-type":"Object Created","detail":{"bucket":{"name":"b"},"object":{"key":"k"}}}`, `{"detail-type":"x","detail":7}`,
		`{"invocationSchemaVersion":"1.0","tasks":[{"taskId":"t","s3Key":"k","s3BucketArn":"arn:aws:s3:::b"}]}`,
		`[{"bucket":"b","key":"k"}]`, `[]`, `{"bucket":"b","key":"k"}`, `{`, `null`, `"hunter2"`, `{"Type":"Notification","Message":"hunter2"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, event string) {
		var s shape
		err := s.read([]byte(event))
		if err == nil {
			var found []target
			if found, err = s.targets(); err == nil {
				for _, target := range found {
					if target.ref.Bucket == "" || target.ref.Key == "" {
						t.Errorf("%q names %+v", event, target.ref)
					}
				}
			}
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error repeats the event: %v", err)
		}
	})
}
