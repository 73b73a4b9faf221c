// Package table turns OCSF events into Parquet bytes.
//
//	Event ──Append──► Batch ──Encode──► RowGroup ──Commit──► file
//	         levels.go        column by column, any goroutine
//
// A Batch holds rows as typed columns: one goroutine fills it. Schema.Encode turns
// rows of any batches, in any order, into a row group, on many goroutines at once.
// Writer.Commit puts the row groups into the file one after another.
//
// The laws of the files:
//
//   - the schema follows the Layout and never the data; a file without rows has
//     the same schema as a full one;
//   - the same rows in the same order give the same bytes, whichever batches hold
//     them and however many goroutines encode;
//   - no data page is larger than Options.PageBytes before compression, levels
//     included, except a page of a single value; dictionaries have a bound of their
//     own;
//   - statistics are true: a long value is cut in the page index (as the format
//     allows) and left out of the chunk's statistics, which some engines take for
//     exact values.
//
// The package lays out the pages itself, with the encodings, the Thrift structures
// and the compression of parquet-go. The writer of parquet-go bounds the values of a
// page but not its levels, keeps whole values as statistics, and boxes every value.
//
// The files use what query engines have supported longest: data pages of version 1,
// PLAIN and RLE_DICTIONARY values, zstandard, LIST and MAP groups of three levels.
package table
