// Package lake decides which rows share an object, where that object lies and
// what it is called, and hands its bytes to a Sink.
//
// Its input is sorted runs of rows, partition by partition, in the order of the
// source ([Appender.Add]). Its output is Parquet objects whose rows are in order of
// time, under the keys that Amazon Security Lake requires ([Partition.Key]):
//
//	run ─► Appender ─► Group ─► Encode ─► Store ─► Object ─► Sink
//	       which rows,          bytes,    which object,      where bytes go
//	       which order          any       which name         (lake/dir, lake/s3)
//	                            goroutine     │
//	                                          └► Entry ─► Ledger: what of an input is there
//
// The laws of this package:
//
//   - The Appender and the Store decide by the sequence of runs and groups only,
//     never by time or by which goroutine encoded what first: equal input under
//     equal Limits gives equal objects under equal names.
//   - Rows of one object ascend by time; rows of equal time keep the order of
//     the input.
//   - What the Appender holds is bounded by Limits.HeldBytes over all
//     partitions, whatever the order of the input.
//   - Nothing is visible under a key before the whole object is complete
//     (Object.Commit).
//   - No object is empty, but for one in the place of an object of an earlier run that
//     may not be deleted.
//   - What a run writes is in the ledger before it is visible ([Entry.Intend]), and the
//     manifest comes last: so the next run over the same content replaces all of it,
//     wherever this one stops.
package lake
