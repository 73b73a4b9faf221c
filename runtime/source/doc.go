// Package source turns bytes into numbered lines that know where they came
// from. In come files, folders, standard input and whatever an Input's Open
// gives (an object of S3, say); out come Chunks of whole lines. It is also the
// one place that knows the format of reject files, because what is rejected
// in one run is an input of the next.
//
//	[]string ──Expand──► []Input ──NewReader──► Chunk, Chunk, … ──Lines──► Line
//
// Laws, each of them a test:
//
//   - Every line is accounted for. The numbers of an input's lines are 1, 2, 3 …
//     without a hole; a blank line has a number, and so has a line that cannot
//     be an alert (Line.Bad). Bytes after the last newline are a line.
//   - Compression is told by content and never by name, and changes nothing:
//     plain, gzip and zstd forms of the same bytes give the same chunks.
//   - Chunks depend on the bytes and the Options alone, never on how a file or
//     a network happened to cut them into reads.
//   - Memory depends on the Options and on the stream's own window (32 KiB for
//     gzip, at most 128 MiB for zstd), never on the size of an input or line.
//   - A stream that breaks gives all whole lines before the break, then one bad
//     line for the break, then io.EOF. Only a failing disk or network, or a
//     cancelled context, is an error.
//   - Any bytes written as a Reject are read back as the same bytes with the
//     same origin and line.
package source
