// Package s3 reads alerts from buckets and keeps the objects of a lake in them:
// those of Amazon and those of other servers that speak its protocol.
//
//	Ref, prefix ──► Client ──► source.Input   bytes of an object, read in one stream
//	bytes ──► Sink ──► object                 PutObject, or parts of a multipart upload
//
// A Client is one identity: the function's own, or a role that it assumes. The
// raw bucket and the lake want different ones, so a run usually has two.
//
// The laws of this room:
//
//   - An object is visible at once and whole: one PutObject, or the end of a
//     multipart upload. What is not finished is aborted, also when the run's
//     context has ended.
//   - Nothing is written to a disk. An object whose key is known goes out in
//     parts of 8 MiB, two of which are in memory; objects that have to wait for
//     their key share a fixed number of bytes.
//   - An input is one state of an object: its identity is the bucket, the key
//     and the entity tag, and every byte is read with that tag as a condition.
//     An object that is replaced or deleted meanwhile is an error, never a
//     mixture. A connection that breaks is taken up again where it broke.
//   - Every error says what was attempted on which object and what to do, and
//     whether trying again can cure it (Curable).
package s3
