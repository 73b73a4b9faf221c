// Package pipeline runs inputs through an engine into a lake: it is what both
// front doors call. It owns the goroutines, the order, the rejects, the tally
// and the end of a run, be it good, failed or cancelled.
//
//	reader ──► chunks ──► workers ──► append ──► groups ──► workers ──► commit
//	one        in order   map lines   one, in    in order   encode     one, in
//	goroutine             to batches  order                 Parquet    order
//
// The same N workers map and encode; encoding goes first, since it frees
// memory. Chunks and groups are handed on in the order of the input, so nothing
// that is decided depends on which worker was how fast.
//
// The laws of this room:
//
//   - lines = events + rejects + unmatched + dropped + blank, for each input;
//   - any number of workers gives the same objects under the same names;
//   - an input is written whole or, as far as its objects are named by its end,
//     not at all; the other inputs do not suffer from one that cannot be read;
//   - memory is bounded by the configuration: chunks on their way, rows held back
//     (lake.Limits), groups being encoded (one row group for each worker);
//   - when the context ends Run returns at once, whatever the input does, and
//     leaves nothing half written.
package pipeline
