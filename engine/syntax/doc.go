// Package syntax turns the YAML text of a mapping into a Mapping whose every
// part knows where it stands.
//
//	YAML bytes ──► yaml nodes ──► Mapping, or Faults
//
// It is the only home of positions and of diagnostics: a Fault is a place in a
// file and a sentence, all faults of a file are reported in one go, and later
// stages (package plan) add theirs to the same list. What it knows is the
// language: which keys there are, what an expression is and where its text
// lies in the file. What it does not know is OCSF.
//
// One rule tells constants from expressions: a string that starts with `=` is
// an expression, everything else is itself.
package syntax
