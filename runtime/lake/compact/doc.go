// Package compact joins the small objects of a partition of a lake into large ones, column
// by column.
//
//	list ─► plan, in the ledger ─► decision ─► read, merge by time, write ─► compare ─► result ─► remove
//	                                           table         Appender, Store   inspect
//
// The laws of this package:
//
//   - Wherever it is stopped, the next call with the same ledger ends in a lake that has
//     each row once. In between, rows may be there twice, never less than once.
//   - Objects of a plan are removed after all their rows were read back from what took
//     their place: a second reader sums up the rows of both sides.
//   - It joins objects that a complete manifest lists, of one schema, and no others. What
//     arrives meanwhile stays as it is.
//   - What was joined can be divided again (Undo): each object gets the rows that it had,
//     under names that were not used before.
//   - Several calls at once, and runs that write the same inputs, agree by notes in the
//     ledger: see lake.Compaction.
//   - What it holds is bounded by the Share, but for some fifty bytes for each object.
package compact
