// Package ocsf knows the Open Cybersecurity Schema Framework: its classes,
// objects and types in each version (Schema), the shape of a mapping's events
// (Layout), and the events themselves (Event).
//
// From generated tables of facts it makes linked types for the compiler of
// mappings, typed cells for the Parquet writer, JSON text for people and guests,
// and findings for an event that breaks a rule of its class.
//
// Laws:
//   - Nothing here depends on data, clock, environment or file: Load of a version
//     gives the same facts every time, and a Schema never changes.
//   - An Event's JSON is valid whatever its texts hold, and what AppendJSON
//     writes ReadJSON reads back as the same event.
//   - Check judges an event from the facts alone: it knows neither mapping nor
//     Layout, so it finds their faults too.
package ocsf
