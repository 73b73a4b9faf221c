// Package lake decides which rows share an object, where that object lies and
// what it is called, and hands its bytes to a Sink.
//
// In go sorted runs of rows, partition by partition, in the order of the input
// ([Appender.Add]). Out go Parquet objects whose rows are in order of time,
// under the keys that Amazon Security Lake demands ([Partition.Key]):
//
//	run ─► Appender ─► Group ─► Encode ─► Store ─► Object ─► Sink
//	       which rows,          bytes,    which object,      where bytes go
//	       which order          any       which name         (lake/dir, lake/s3)
//	                            goroutine
//
// The laws of this room:
//
//   - The Appender and the Store decide by the sequence of runs and groups
//     alone, never by time or by who encoded what first: equal input under
//     equal Limits gives equal objects under equal names.
//   - Rows of one object ascend by time; rows of equal time keep the order of
//     the input.
//   - What the Appender holds is bounded by Limits.HeldBytes over all
//     partitions, whatever the order of the input.
//   - Nothing is visible under a key before the whole object is (Object.Commit).
//   - There is no object without rows.
package lake
