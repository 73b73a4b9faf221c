package lambda

import (
	"time"

	"github.com/sluice-lake/sluice/runtime/pipeline"
)

// response is the answer to the caller. Its first three fields are those of
// Wazuh's guide.
type response struct {
	Size          int64 `json:"size"`
	UploadSuccess bool  `json:"upload_success"`
	OCSFUpload    bool  `json:"ocsf_upload"`

	Inputs int64 `json:"inputs"`
	pipeline.Tally
	Failed  int64   `json:"failed"`
	Skipped int64   `json:"skipped"`
	Seconds float64 `json:"seconds"`

	BatchItemFailures *[]batchFailure `json:"batchItemFailures,omitempty"`
	Results           []directResult  `json:"results,omitempty"`
}

func (inv *invocation) response() *response {
	t, ok := inv.tally, inv.metrics.ObjectsFailed == 0 && inv.objs > 0
	t.AddEvents(nil) // an object without entries, and no null, where nothing was read
	return &response{
		Size: t.Lines, UploadSuccess: ok, OCSFUpload: ok && inv.config.ocsfBucket != "",
		Inputs: inv.objs, Tally: t,
		Failed: inv.metrics.ObjectsFailed, Skipped: inv.metrics.ObjectsSkipped, Seconds: time.Since(inv.began).Seconds(),
	}
}
