// Package plan compiles a mapping against an OCSF class and applies it to
// alerts.
//
//	Mapping × Class ──► Plan (immutable, shared) ──► Worker (one goroutine) ──► alert to event
//
// A Plan is a flat list of small steps (constant, path, expression, list,
// group) over the typed cells of an event. Everything that a name can be
// resolved to is resolved when the plan is compiled, and everything that can
// be wrong with the mapping is found then, all of it at once. What an
// attribute's OCSF type accepts is decided in one place, the setter that is
// chosen for it (convert.go), so a value that an expression made and one that
// was copied from the alert are judged alike.
//
// Three outcomes for a value: it is written; it cannot be converted, so the
// attribute is left out, counted, and the original kept under `unmapped`; or
// the attribute is required up to the event, and the alert is rejected with
// the reason.
package plan
