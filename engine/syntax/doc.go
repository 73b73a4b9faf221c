// Package syntax parses the YAML text of a mapping into a Mapping, in which
// everything has its position.
//
//	YAML bytes ──► yaml nodes ──► Mapping, or Faults
//
// It defines positions and diagnostics: a Fault is a position in a file and a
// sentence. All faults of a file are reported at once, and later stages (package
// plan) add theirs to the same list. The package knows the language: which keys
// exist, what an expression is, and where its text is in the file. It does not
// know OCSF.
//
// The parts of a mapping are in place of their uses in the Mapping's event: each use
// has a copy, whose positions know the use. Later stages need no case for parts, and
// a fault in a part can say where the part is used.
//
// One rule distinguishes constants from expressions: a string that starts with
// `=` is an expression, everything else is a constant.
package syntax
