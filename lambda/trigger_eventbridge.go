package lambda

import (
	"encoding/json"
	"errors"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// eventBridge reads the object of an event. Its key is not encoded.
func (s *shape) eventBridge() ([]target, error) {
	var detail struct {
		Bucket struct{ Name string }
		Object struct {
			Key     string
			Version string `json:"version-id"`
			ETag    string `json:"etag"`
			Size    int64
		}
	}
	if err := json.Unmarshal(s.Detail, &detail); err != nil || detail.Bucket.Name == "" || detail.Object.Key == "" {
		return nil, errors.New("the event of EventBridge has no object: its rule must match only `source` aws.s3 and `detail-type` Object Created")
	}
	t := target{ref: s3.Ref{Bucket: detail.Bucket.Name, Key: detail.Object.Key, Version: versionOf(detail.Object.Version)}, tag: detail.Object.ETag, bytes: detail.Object.Size}
	if s.DetailType != "Object Created" {
		t.ignored = "the event is " + s.DetailType
	}
	return []target{t}, nil
}
