// Package pipeline runs inputs through an engine into a lake; both front doors call it.
// It owns the goroutines, the order, the rejects, the tally and the end of a run, whether
// it succeeds, fails or is cancelled.
//
//	reader ──► chunks ──► workers ──► append ──► groups ──► workers ──► commit
//	one        in order   map lines   one, in    in order   encode     one, in
//	goroutine             to batches  order                 Parquet    order
//
// The same N workers map and encode; encoding goes first, because it frees memory.
// Chunks and groups are passed on in the order of the input, so no decision depends on
// the speed of a worker. With many rules a worker maps those lines of a chunk one after another
// that are alike; see alike.
//
// The laws of this package:
//
//   - lines = taken + rejects + unmatched + dropped + blank, for each input;
//   - any number of workers gives the same objects under the same names;
//   - an input is written completely or, if its objects get their names at its end, not
//     at all; an input that cannot be read does not affect the others;
//   - every buffer that grows with the input is counted in one account (memory.Account),
//     so memory is bounded by it, and by the limits of what is held for sorting and of a
//     line; the objects do not depend on its size;
//   - when the context ends, Run returns at once, whatever the input does, and leaves
//     nothing incomplete.
package pipeline
