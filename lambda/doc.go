// Package lambda is the function: a thin front door onto the same run that the
// command line makes.
//
//	event ──► trigger ──► objects ──► pipeline, object by object ──► answer
//	          one file             side by side within the memory
//	          for each kind
//
// Triggers are told apart by shape: notifications of S3, straight, through SNS,
// SQS or both; EventBridge; tasks of S3 Batch Operations; and
// {"bucket":…,"key":…} or a list of these, for replay.
//
// The laws of this room:
//
//   - The environment is read once, and all its faults are told together.
//   - An object is done or failed by itself. Only failed ones come again: with
//     SQS the messages of the batch response, with S3 Batch Operations the
//     tasks, with all others the whole event, since an error is then the only
//     thing that makes AWS keep it.
//   - Whatever comes twice writes the same objects under the same keys.
//   - Before the time runs out no object is begun, and what is not finished is
//     taken back and counts as failed.
//   - The function never reads what it wrote: objects under its own prefix for
//     rejects, and events in its own buckets, are left out.
//   - The log has one line for each object and no text of any alert.
package lambda
