// Package source turns bytes into numbered lines that know where they came
// from. In come files, folders, standard input and whatever an Input's Open
// returns (an object of S3, say); out come Chunks of whole lines. It is also the
// one place that knows the format of reject files, because what is rejected
// in one run is an input of the next.
//
//	[]string ──Expand──► []Input ──NewReader──► Chunk, Chunk, … ──Lines──► Line
//
// # Forms
//
// An input is a sequence of JSON values, as a rule one a line. The first value
// shows whether it has another form, and then each value takes the place of a
// line:
//
//   - a JSON array, on one line or many: its elements;
//   - objects over several lines, or without line ends between them;
//   - a _search response: the elements of hits.hits;
//   - a body of _bulk: the documents; the actions between them are skipped.
//
// A value is passed on as it is, and its line is the one on which it begins.
// An input that begins with lines is read line by line to its end. There a line
// that is not one JSON value can still be several objects, or a torn alert with
// a whole one behind it: Line.Split takes it apart. torn.go has the rule for
// what may count as a whole alert behind damage, so that no text that an
// attacker brings into an alert can.
//
// # Laws
//
// Each of them is a test:
//
//   - Every line is accounted for. The numbers of an input's lines are 1, 2, 3 …
//     without a hole; a blank line has a number, and so has a line that cannot
//     be an alert (Line.Bad). Bytes after the last newline are a line. Of an
//     input of values, every byte is in one of them, or is JSON's own between
//     them.
//   - The same alerts come out in the same order, whatever form they are in.
//   - Compression is detected from content and never from the name, and changes
//     nothing: plain, gzip and zstd forms of the same bytes give the same chunks.
//   - Chunks depend on the bytes and the Options alone, never on how a file or
//     a network happened to cut them into reads. The lines and values do not
//     depend on the size of chunks.
//   - Memory depends on the Options and on the stream's own window (32 KiB for
//     gzip, at most 128 MiB for zstd), never on the size of an input, line or
//     value.
//   - A stream that breaks yields all whole lines before the break, then one bad
//     line for the break, then io.EOF. Only a failing disk or network, or a
//     cancelled context, is an error.
//   - Any bytes written as a Reject are read back as the same bytes with the
//     same origin and line.
package source
