// Package alert turns one line of bytes into the values that a plan asks for.
//
// The input is one JSON object: an alert as Wazuh wrote it, or as its indexer
// wrapped it. The output is the values of the wanted paths and, on request, the
// leaves that no path used, under dotted keys. A Spec lists the paths; it is
// immutable and shared. A Scanner belongs to one goroutine.
//
// The laws, each of which is a test:
//
//   - A line is accepted if and only if it is one JSON object as RFC 8259 defines
//     it, in valid UTF-8, within the limits. The whole line is checked, whatever
//     is wanted.
//   - If a name appears twice in an object, the last one wins, at any depth.
//   - The results never depend on earlier lines. A Scanner learns member names
//     only to be fast.
//   - Used values and the rest together are all leaves of the alert.
//   - A scanner that knows the names allocates nothing for a line without
//     escapes, and once for a line with escaped text among its results.
//
// A line is read in one pass, which guesses names instead of searching for them:
// the members of an alert nearly always come in the same order as last time, so
// one comparison tells both what a member is called and that its name is
// well-formed. Pieces of alerts that repeat byte for byte are recognised by one
// comparison, too (passages). A line that the pass cannot handle (duplicate names, or more
// distinct names than a scanner may remember) is read again into a tree, which is
// slower and gives the same results.
package alert
