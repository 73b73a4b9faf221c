// Package s3 reads alerts from buckets and stores the objects of a lake in them, on
// Amazon S3 and on other servers of its protocol.
//
//	Ref, prefix ──► Client ──► source.Input   bytes of an object, read in one stream
//	bytes ──► Sink ──► object                 PutObject, or parts of a multipart upload
//
// A Client is one identity: the function's own, or a role that it assumes. The raw bucket
// and the lake usually need different identities, so a run has two clients.
//
// The laws of this package:
//
//   - An object becomes visible atomically and complete: by one PutObject, or by the
//     completion of a multipart upload. Unfinished uploads are aborted, even if the
//     run's context has ended.
//   - Nothing is written to a disk. An object whose key is known is sent in parts of
//     8 MiB, two of which are in memory; objects that wait for their key share a fixed
//     number of bytes.
//   - An input is one state of an object: every byte is read with its entity tag as a
//     condition. If the object is replaced or deleted meanwhile, reading fails and never
//     mixes two states. After a broken connection, reading continues where it stopped.
//   - An input is identified by its content and not by its place: see Client.Input.
//   - What the ledger says is there already is written only if it is missing, which the
//     server decides (If-None-Match): a redelivery changes nothing and notifies nobody.
//   - Every error says what was attempted on which object, what to do, and whether a
//     retry can succeed (Curable).
package s3
