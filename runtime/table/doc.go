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
//   - the same rows in the same order give the same bytes, whatever batches they
//     lie in and however many goroutines encode;
//   - no data page is larger than Options.PageBytes before compression, levels
//     included, except one that holds a single value; dictionaries have a bound
//     of their own;
//   - statistics are true: a value that is too long for them is cut in the page
//     index (as the format allows) and left out of the chunk's statistics, which
//     some engines take for exact.
//
// The pages are laid out here, with the encodings, the Thrift structures and the
// compression of parquet-go, and not by its writer: that one bounds the values
// of a page but not its levels, keeps whole values as statistics, and takes
// every value boxed.
//
// The files are what the engines of a lake have read for longest: data pages of
// version 1, PLAIN and RLE_DICTIONARY values, zstandard, LIST and MAP groups of
// three levels.
package table
