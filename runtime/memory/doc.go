// Package memory is the account of the bytes that runs hold: every buffer that grows
// with the input is counted in it, by what it takes and not by a guess. A process has
// one Account; each run has a Share of it.
//
//	input ──► Reading ──► Mapping ──► (Reading: held rows) ──► Writing ──► lake
//	          may wait    may wait                             never waits
//
// Two rules keep runs from waiting for each other for good. TestNobodyWaitsForGood
// proves them.
//
//   - Within a run, whoever asks for bytes waits only for bytes of later stages, which
//     come back without it. What only more input or its end gives back (rows held for
//     sorting, bytes of unfinished objects) is of the stage Reading. So somebody can
//     always go on: a stage after which there is nothing gets what it asks for.
//   - Among runs, a run gets bytes only if all runs can still end afterwards, one after
//     another, each with all that it may claim (the banker's algorithm). The run that
//     needs least to its end never waits for others.
//
// While others wait, a run that is not that one gets no more than an equal share, and
// of those that have not begun the lightest begins first.
package memory
