package lambda

import (
	"strings"
	"sync"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
)

// task is one object of a job of S3 Batch Operations. Version 1.0 of the schema
// has the bucket's ARN, version 2.0 its name.
type task struct {
	TaskID    string `json:"taskId"`
	Key       string `json:"s3Key"`
	VersionID string `json:"s3VersionId"`
	BucketARN string `json:"s3BucketArn"`
	Bucket    string `json:"s3Bucket"`
}

// taskResult is the answer for a task. S3 retries a TemporaryFailure and writes a
// PermanentFailure into the job's report.
type taskResult struct {
	TaskID string `json:"taskId"`
	Code   string `json:"resultCode"`
	Text   string `json:"resultString"`
}

type batchResponse struct {
	InvocationSchemaVersion string       `json:"invocationSchemaVersion"`
	TreatMissingKeysAs      string       `json:"treatMissingKeysAs"`
	InvocationID            string       `json:"invocationId"`
	Results                 []taskResult `json:"results"`
}

func (inv *invocation) batch(s shape) (any, error) {
	answer := batchResponse{s.InvocationSchemaVersion, "TemporaryFailure", s.InvocationID, make([]taskResult, len(s.Tasks))}
	var all sync.WaitGroup
	for i, t := range s.Tasks {
		all.Go(func() { answer.Results[i] = inv.task(t) })
	}
	all.Wait()
	return answer, nil
}

func (inv *invocation) task(t task) taskResult {
	bucket := t.Bucket
	if bucket == "" {
		bucket = t.BucketARN[strings.LastIndex(t.BucketARN, ":")+1:]
	}
	if bucket == "" || t.Key == "" {
		return taskResult{t.TaskID, "PermanentFailure", "the task names no object: the manifest of the job needs a bucket and a key in each line"}
	}
	ref := s3.Ref{Bucket: bucket, Key: decoded(t.Key), Version: versionOf(t.VersionID)}
	code, text := inv.objects([]target{{ref: ref, meant: true}})[0].verdict()
	return taskResult{t.TaskID, code, text}
}

const succeeded = "Succeeded"

// verdict is what became of an object that is done, as S3 Batch Operations calls it.
func (w *work) verdict() (code, text string) {
	switch {
	case w.err != nil && curable(w.err):
		return "TemporaryFailure", shorten(w.err.Error(), mostText)
	case w.err != nil:
		return "PermanentFailure", shorten(w.err.Error(), mostText)
	case w.refused != "":
		return "PermanentFailure", w.refused
	}
	return succeeded, w.summary()
}

// mostText keeps a job's report readable: it has one line for each object.
const mostText = 1000

// shorten cuts a text behind that many bytes, and no more than mostText.
func shorten(s string, most int) string {
	most = min(most, mostText)
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
