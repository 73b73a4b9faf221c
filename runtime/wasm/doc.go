// Package wasm hosts guests: small WebAssembly modules that a mapping names for
// what YAML and expressions cannot express. It turns the bytes of a module and its
// limits into functions (values in, a value out) and stages (one JSON text in, one
// or nothing out). It knows neither mappings nor files, and does nothing until a
// module is loaded.
//
//	Host ──Load──► Module ──Guest──► Guest ──Call, Alert, Event
//	one a process  compiled once,    one a goroutine,
//	               checked, shared   never shared
//
// # The ABI, sluice_abi_v1
//
// A guest is a core WebAssembly module (32 bits, little endian). It exports:
//
//	memory                      its linear memory, number 0
//	sluice_abi_v1() -> i32      the version; it must give 1
//	sluice_alloc(n i32) -> i32  a buffer of n bytes, or 0 without memory for it
//	sluice_free(ptr, n i32)     frees a buffer of sluice_alloc
//	sluice_configure(ptr, len i32) -> i32
//	                            optional: called once, before all else, with the
//	                            config as a value, absence without one; 0 means
//	                            that it accepts it
//	NAME(ptr, len i32) -> i64   a function: its arguments as one list value in,
//	                            one value out
//	sluice_alert(ptr, len i32) -> i64
//	                            the stage before the rules: a line in, one out
//	sluice_event(ptr, len i32) -> i64
//	                            the stage after them: an OCSF event in, one out
//	_initialize()               optional: called before sluice_configure
//
// A result is ptr<<32|len. The result 0 is absence from a function and "drop
// it" from a stage. The bytes of a result belong to the guest and must stay valid
// until the host calls again; they may lie in the buffer of the arguments. The
// host keeps that buffer over calls, writes into it without asking again, frees it
// only to get a larger one, and never has two.
//
// A guest may import from the module sluice:
//
//	log(level, ptr, len i32)    0 debug, 1 info, 2 warning, 3 error; UTF-8
//	refuse(ptr, len i32)        rejects the alert with a reason; never returns
//
// and, for the sake of language runtimes, the functions of
// wasi_snapshot_preview1 that wasi.go lists. Those are empty: no arguments, no
// environment, no files, nothing to read; what is written to the standard
// streams goes to the log. The clock does not advance and random bytes are the same
// at each call, unless the Config grants them. Any other import refuses the
// module, by name.
//
// # Values
//
// One byte says what follows; numbers are little endian:
//
//	00                          absence (null)
//	01                          false
//	02                          true
//	03 i64                      integer
//	04 f64                      number; NaN and infinities count as absence
//	05 n:u32 bytes              text, n bytes of UTF-8
//	06 n:u32 value…             list of n values
//	07 n:u32 (k:u32 bytes value)…
//	                            object of n members: name (k bytes of UTF-8),
//	                            value; the host writes them in the order of
//	                            names; of duplicate names the last wins
//
// A value nests at most MaxDepth deep and holds at most MaxValues values.
//
// # Laws
//
//   - Whatever a guest does, a call ends: with a result or with a *Fault. It
//     cannot read or write outside its memory, grow it beyond its pages, run
//     longer than its time limit (where one is set), or reach anything of the
//     machine.
//   - After a fault the instance is discarded. The next call gets a new one, which
//     starts as the first did.
//   - The results of a new instance depend on its module, its config and the calls
//     that it gets, and on nothing else. A guest may keep state between calls, so
//     results that must not depend on which worker made which calls need Renew at
//     fixed places of the input (or Fresh).
//   - A guest is never called while it runs.
//   - A time limit does not change results.
//
// One thing is outside the limits: an endless recursion makes wazero grow the
// native stack to 84 MB, and copy it from one of half the size, before it ends the
// call.
package wasm
