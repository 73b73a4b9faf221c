package lambda

import (
	"errors"
	"fmt"

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
		found = append(found, target{ref: s3.Ref{Bucket: s3.BucketOf(d.Bucket), Key: d.Key, Version: versionOf(d.VersionID)}, overwrite: d.Overwrite, meant: true})
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

const (
	// mostListed is the most objects of a list, and mostListBytes the most bytes of its event:
	// so that what is said of each stays below the 6 MB that Lambda takes as an answer.
	mostListed    = 10_000
	mostListBytes = 2 << 20
	// mostSaid is the most bytes of all texts of an answer.
	mostSaid = 3 << 20
)

// checkList refuses a list that is too long to be answered for.
func checkList(n, bytes int) error {
	if n > mostListed || bytes > mostListBytes {
		return fmt.Errorf("a list of %d objects in %d bytes: a call takes at most %d objects in %d MB; send the list in parts, or use S3 Batch Operations", n, bytes, mostListed, mostListBytes>>20)
	}
	return nil
}

// directList answers for each object, in their order. It is an error only if none succeeded.
func (inv *invocation) directList(found []target) (any, error) {
	var errs []error
	var results []directResult
	some := false
	for i, w := range inv.objects(found) {
		code, text := w.verdict()
		text = shorten(text, mostSaid/len(found))
		results = append(results, directResult{found[i].ref.Bucket, found[i].ref.Key, code, text})
		some = some || code == succeeded
		errs = append(errs, w.err)
	}
	if err := joined(errs); err != nil && !some {
		return nil, err
	}
	answer := inv.response()
	answer.Results = results
	return answer, nil
}
