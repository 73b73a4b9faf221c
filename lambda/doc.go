// Package lambda is the function: a thin front door onto the same run that the
// command line makes.
//
//	event ──► trigger ──► objects ──► pipeline, object by object ──► answer
//	          one file             concurrently, within the memory
//	          for each kind
//
// The kind of an event is detected from its shape: notifications of S3, direct,
// through SNS, SQS or both; EventBridge; tasks of S3 Batch Operations;
// {"bucket":…,"key":…} or a list of these, for replay; {"check":…} for a mapping;
// {"doctor":true} for the function itself; and {"flush":true} for objects that were only
// noted, to be converted together (collect.go).
//
// Laws:
//
//   - The environment is read once, and all its faults are reported together.
//   - An object succeeds or fails by itself. Only failed ones are retried: with
//     SQS the messages of the batch response, with S3 Batch Operations the
//     tasks, with all others the whole event, since only an error makes AWS keep
//     it.
//   - What no retry helps goes to the dead letters of its queue at once. What time may
//     cure is retried, later after every try.
//   - Nothing that happens to a mapping in a bucket stops a function that has had a good
//     one.
//   - Whatever arrives twice writes the same objects under the same keys.
//   - No object is begun shortly before the time runs out. What is not finished
//     then is aborted and counts as failed.
//   - Objects that are collected are in one plan, or converted by themselves, never both.
//   - The function never reads what it wrote: objects under its own prefix for
//     rejects, and events in its own buckets, are skipped.
//   - The log has one line for each object and no text of any alert.
package lambda
