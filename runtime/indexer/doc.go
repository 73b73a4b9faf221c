// Package indexer reads documents from OpenSearch, shard by shard, in the order in which
// each shard numbered them.
//
//	patterns ──Indices──► Index, its shards, how far each is safe to read
//	shard    ──Peek─────► how many documents of a range are searchable, a sample of them
//	range    ──Open─────► one line for each document: {"_index":…,"_id":…,"_source":…}
//
// A shard numbers its operations 0, 1, 2 … without a hole (_seq_no). Up to the global
// checkpoint every copy of the shard has them, and they never change. What is numbered
// may be missing in a search: it is not refreshed yet, or the document was deleted or
// overwritten, or the number belongs to no document. So whoever reads a range has to
// refresh first, and to compare the number of documents.
//
// All searches go to the primary: a copy that replicates segments may not have what was
// refreshed elsewhere.
//
// The protocol is a handful of requests with JSON bodies, so the package uses net/http.
// It does not log, and no error holds a secret. A Client may be used by several goroutines.
package indexer
