// Package audit judges a lake against every demand on it: its keys, its objects
// (table/verify), its tables, and what its ledger says of it.
//
//	list ─► objects, several at once ─► in their order: tables, partitions ─► ledger
//	key     table/verify                one type a column     compactions     what is missing
//
// The laws of this package:
//
//   - It writes nothing.
//   - What it reports depends on the lake and not on the number of workers.
//   - Besides the objects being read it holds some sixty bytes for each object that
//     manifests list, the names of the objects of one partition, and the schemas of one
//     custom source.
package audit
