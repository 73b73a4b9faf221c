// Package verify judges Parquet objects of a lake: what Security Lake demands of them, what
// OCSF demands of their events, and what sluice promises of its own.
//
//	footer ─► schema ─► each column, page by page ─► rows of a kind that is new ─► report
//	          binding   levels, values, statistics   as events: ocsf.Checker
//
// All bytes are read. Events are judged by ocsf.Checker, each kind of row once: two rows are
// of a kind if the Checker cannot tell them apart, by what they have and by the values that
// it looks at. A value that it judges by itself is looked up for each entry of a dictionary,
// not for each row.
//
// The laws of this package:
//
//   - No bytes make it panic, and no part of an object makes it an object without faults.
//   - The verdict is that of checking every row, whatever kinds of rows were seen before.
//   - Memory depends on the pages and dictionaries of a row group and the number of its rows,
//     not on the object.
package verify
