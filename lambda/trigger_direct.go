package lambda

import (
	"errors"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// direct names an object for replay. The key is not encoded. Overwrite writes objects of
// the lake again that are there and equal.
type direct struct {
	Bucket, Key string
	Overwrite   bool
	VersionID   string `json:"versionId"`
}

func (s *shape) replay() ([]target, error) {
	if s.list == nil {
		s.list = []direct{s.direct}
	}
	var found []target
	for _, d := range s.list {
		if d.Bucket == "" || d.Key == "" {
			return nil, errors.New(`an entry of the list has no object: write {"bucket":"…","key":"…"} for each`)
		}
		found = append(found, target{ref: s3.Ref{Bucket: d.Bucket, Key: d.Key, Version: versionOf(d.VersionID)}, overwrite: d.Overwrite, meant: true})
	}
	return found, nil
}
