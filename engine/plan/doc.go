// Package plan compiles a mapping against an OCSF class and applies it to
// alerts.
//
//	Mapping × Class ──► Plan (immutable, shared) ──► Worker (one goroutine) ──► alert to event
//
// A Plan is a flat list of small steps (constant, path, expression, list,
// group) over the typed cells of an event. Compile resolves every name and
// reports everything that can be wrong with the mapping, all at once. One
// function decides what an attribute accepts, the setter of its OCSF type
// (convert.go), so computed values and values copied from the alert are treated
// alike.
//
// A value has one of three outcomes: it is written; or it cannot be converted,
// and then the attribute is left out and counted, and `unmapped` keeps the
// original; or the attribute is required, up to the event itself, and the alert
// is rejected with the reason.
//
// Files are named by the job: compile, apply, convert, explain, lint.
package plan
