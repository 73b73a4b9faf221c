// Package wasm hosts guests: small WebAssembly modules that a mapping names,
// for what YAML and expressions cannot say. In go the bytes of a module and its
// limits; out come functions (values in, a value out) and stages (one JSON text
// in, one out or nothing). It knows neither mappings nor files, and does
// nothing until a module is loaded.
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
//	sluice_alloc(n i32) -> i32  a buffer of n bytes, or 0 if there is no room
//	sluice_free(ptr, n i32)     gives back a buffer that sluice_alloc gave
//	sluice_configure(ptr, len i32) -> i32
//	                            optional: called once, before all else, with the
//	                            mapping's config as a value; 0 means well
//	NAME(ptr, len i32) -> i64   a function: its arguments as one list value in,
//	                            one value out
//	sluice_alert(ptr, len i32) -> i64
//	                            the stage before the rules: a line in, one out
//	sluice_event(ptr, len i32) -> i64
//	                            the stage after them: an OCSF event in, one out
//	_initialize()               optional: called before sluice_configure
//
// A result is ptr<<32|len. The result 0 is absence from a function and "drop
// it" from a stage. The bytes of a result belong to the guest and need only
// hold until the host calls again; the host copies them out at once. It may lie
// in the buffer of the arguments. The host asks for a buffer when it needs one,
// may use it for many calls and grow it by free and alloc, and never keeps two.
//
// A guest may import from the module sluice:
//
//	log(level, ptr, len i32)    0 debug, 1 info, 2 warning, 3 error; UTF-8
//	refuse(ptr, len i32)        rejects the alert with a reason; never returns
//
// and, for the sake of language runtimes, the functions of
// wasi_snapshot_preview1 that wasi.go lists. Those are empty: no arguments, no
// environment, no files, nothing to read; what is written to the standard
// streams goes to the log. The clock stands still and random bytes are the same
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
//     beyond its time (where one is set), or reach anything of the machine.
//   - After a fault the instance is gone. The next call gets a new one, which
//     starts as the first did.
//   - What a new instance gives depends on its module, its config and the calls
//     it got, and on nothing else. A guest can keep state from call to call all
//     the same, so whoever wants results that do not depend on who did what
//     calls Renew at fixed places of the input (or sets Fresh).
//   - A guest is never called while it runs.
//   - A module with a limit of time gives the results that it gives without one.
//
// One thing is not bounded by the limits: an endless recursion makes wazero grow
// the native stack to 84 MB, and copy it there from half as much, before it gives
// up that call.
package wasm
