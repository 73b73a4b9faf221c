// Package bytecode reads WebAssembly modules in the binary format, as far as a
// host has to understand them before it hands them to a compiler: what they
// import, how much they claim, and where their functions loop, call and move
// memory.
//
//	bytes ──Read──► Module ──Bodies──► Body, one for each function
//
// It does not validate: a module that it accepts may still be invalid. It does
// refuse what would let a small module cost much memory or time before it runs,
// and every instruction that it does not know.
//
// # Laws
//
//   - Reading takes time and memory in proportion to the module's size.
//   - What a Module and a Body hold aliases the bytes that were read.
//   - Nothing panics, whatever the bytes are.
package bytecode

// What a module may claim. A compiler reserves memory for all of it at once, and
// the time of some of its steps is a product of these numbers. Browsers draw the
// same lines, but for bodies (7,654,321 bytes, for which wazero takes over 5 GB)
// and for nesting, which large programs in Go carry beyond 3,000.
const (
	MaxItems        = 1_000_000 // of one section
	MaxTableEntries = 1 << 20   // of all tables together
	MaxParams       = 1_000     // of one type, and as many results
	MaxLocals       = 50_000    // of one function, parameters included
	MaxBody         = 1 << 20   // bytes of one function; a result of a call counts as one
	MaxNesting      = 5_000     // blocks inside each other
	MaxTargets      = 65_520    // of one br_table
)

// What wazero may need to compile a module, as Body.work and Body.live estimate
// it from worst cases: about 100 seconds of one processor, and a gigabyte and a
// half. Large programs that were compiled with optimization, such as SQLite,
// Python and esbuild, need less than a tenth of that.
const (
	maxWork = 100_000_000_000
	maxLive = 1 << 24
)

// Sections of a module by their ids.
const (
	CustomSection   = 0
	TypeSection     = 1
	ImportSection   = 2
	FunctionSection = 3
	TableSection    = 4
	MemorySection   = 5
	GlobalSection   = 6
	ExportSection   = 7
	StartSection    = 8
	CodeSection     = 10
	DataCount       = 12
)

// HeaderBytes is how many bytes precede the first section.
const HeaderBytes = 8
