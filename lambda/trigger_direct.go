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

// directResult is what became of an object of a list.
type directResult struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Code   string `json:"resultCode"`
	Text   string `json:"resultString"`
}

// directList answers for each object, in their order. It is an error only if none succeeded.
func (inv *invocation) directList(found []target) (any, error) {
	var errs []error
	var results []directResult
	some := false
	for i, w := range inv.objects(found) {
		code, text := w.verdict()
		results = append(results, directResult{found[i].ref.Bucket, found[i].ref.Key, code, text})
		some = some || code == succeeded
		errs = append(errs, w.err)
	}
	if err := errors.Join(errs...); err != nil && !some {
		return nil, &objectsFailed{err}
	}
	answer := inv.response()
	answer.Results = results
	return answer, nil
}
