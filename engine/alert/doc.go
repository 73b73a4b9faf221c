// Package alert turns one line of bytes into the values that a plan asks for.
//
// In goes one JSON object, the alert as Wazuh wrote it or as its indexer
// wrapped it. Out come the values of the wanted paths and, if asked for, the
// leaves that no path used, under dotted keys. A Spec says which paths; it is
// immutable and shared. A Scanner belongs to one goroutine.
//
// The laws, each of which is a test:
//
//   - A line is accepted exactly if it is one JSON object by RFC 8259, in valid
//     UTF-8, within the limits. The whole line is checked, whatever is wanted.
//   - Of duplicate names the last wins, at any depth.
//   - What a Scanner gives never depends on the lines that it saw before. It
//     learns member names to be fast, and that is all it does with them.
//   - Used values and the rest together are all leaves of the alert.
//   - A scanner that knows the names allocates nothing for a line without
//     escapes, and once for a line with escaped text among its results.
//
// A line is read in one pass. Names are not searched for but guessed: the
// members of an alert nearly always come in the order in which they came last
// time, so one comparison settles both what a member is called and that its
// name is well-formed. A line that the pass cannot settle (duplicate names,
// or more distinct names than a scanner may remember) is then read again into
// a tree, which is slower and gives the same results.
package alert
