package lambda

import (
	"errors"
	"net/url"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// s3 reads all records of a notification. Their keys are encoded as in a query: a
// space is a plus.
func (s *shape) s3() ([]target, error) {
	var found []target
	for _, r := range s.Records {
		if r.S3 == nil || r.S3.Bucket.Name == "" || r.S3.Object.Key == "" {
			return nil, errors.New("a record has no object: send only notifications of S3 here")
		}
		t := target{ref: s3.Ref{Bucket: r.S3.Bucket.Name, Key: decoded(r.S3.Object.Key), Version: versionOf(r.S3.Object.VersionID)},
			tag: r.S3.Object.ETag, bytes: r.S3.Object.Size, leaves: s.Leaves}
		name := strings.TrimPrefix(r.EventName, "s3:")
		if name != "" && !strings.HasPrefix(name, "ObjectCreated:") {
			t.ignored = "the event is " + r.EventName
		}
		found = append(found, t)
	}
	return found, nil
}

// decoded decodes a key, and returns one that is not encoded as it is: some servers
// send keys that way.
func decoded(key string) string {
	plain, err := url.QueryUnescape(key)
	if err != nil {
		return key
	}
	return plain
}

// versionOf is "" for null, which a bucket without versions sends.
func versionOf(id string) string {
	if id == "null" {
		return ""
	}
	return id
}
