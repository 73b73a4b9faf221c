// Package guest holds what people write guests with: one file a language (the
// guest kits) and worked examples, with their built modules where building one
// takes more than Go.
//
//	go/sluice.go  c/sluice.h  as/sluice.ts  rust/sluice.rs
//	examples/risk    a company's own score, in all four languages
//	examples/cidr    a table of networks, as GeoIP has it, in C
//	examples/agent   a parser of User-Agent headers, in AssemblyScript
//	examples/redact  the stage alert: hides secrets in full_log, in Rust
//	examples/quiet   the stage event: drops events below a severity, in C
//	examples/twice   the function of the documentation, in all four languages
//	examples/lower   a function to be measured beside that of expressions, in C
package guest

import "embed"

// Files are the kits and the examples, under the paths above.
//
//go:embed go/sluice.go c/sluice.h as/sluice.ts rust/sluice.rs examples
var Files embed.FS
