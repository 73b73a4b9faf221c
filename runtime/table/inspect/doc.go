// Package inspect reads Parquet files of any writer: their facts (File) and their
// rows as JSON (Rows).
//
// A damaged file gives an error that wraps ErrNotParquet, and never a panic. No
// size in a file is trusted before memory is allocated for it.
package inspect
