package interrupt

import (
	"encoding/binary"
	"slices"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
)

// What the counting rests on. A unit stands for unitBytes of code.
const (
	unitBytes = 64
	perLook   = 1 << 19
	// callUnits is what a call counts where it is made: it covers a function that
	// does not count its own calls, which has at most shortBytes and calls nothing.
	// An instruction that moves a run counts as much, for a run of shortRun.
	callUnits  = 4
	shortBytes = callUnits * unitBytes
	// A loop that is heavier counts in the global itself.
	heavyUnits = 8
	// A function's variable forgets what is left of its units when the function
	// returns. A function that counts its calls counts loopUnits more for that, a
	// short one has a smaller remainder.
	loopUnits = 64
	remainder = 16 * loopUnits
	leftShort = 32 * callUnits
	// shortRun is how many bytes or entries move without being counted by length.
	shortRun = 1024
	// How far the length of a run is shifted to become units.
	bytesShift   = 10
	entriesShift = 6
	pagesUp      = 6
)

const (
	opUnreachable = 0x00
	opIf          = 0x04
	opEnd         = 0x0b
	opCall        = 0x10
	opDrop        = 0x1a
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opMemoryGrow  = 0x40
	opI32Const    = 0x41
	opI32GtU      = 0x4b
	opI32Add      = 0x6a
	opI32Shl      = 0x74
	opI32ShrU     = 0x76

	kindFunction = 0
	kindGlobal   = 3
	typeI32      = 0x7f
	emptyType    = 0x40
)

// types are those of the helpers: () -> (), (i32) -> (), (i32) -> (i32).
var types = [][]byte{{0x60, 0, 0}, {0x60, 1, typeI32, 0}, {0x60, 1, typeI32, 1, typeI32}}

// globals are two variables of 0.
var globals = []byte{typeI32, 1, opI32Const, 0, opEnd, typeI32, 1, opI32Const, 0, opEnd}

// constant appends a number that is not negative.
func constant(b []byte, n int) []byte {
	b = append(b, opI32Const)
	for ; n > 0x3f; n >>= 7 {
		b = append(b, byte(n&0x7f|0x80))
	}
	return append(b, byte(n))
}

func indexed(b []byte, op byte, index uint32) []byte {
	return binary.AppendUvarint(append(b, op), uint64(index))
}

// helpers are the added functions.
func (f *fitter) helpers() [][]byte {
	const none = 0 // locals
	look := append(constant([]byte{none}, 0), opMemoryGrow, 0, opDrop)
	look = indexed(constant(look, 0), opGlobalSet, f.counter())
	look = indexed(look, opGlobalGet, f.stop())
	look = append(look, opIf, emptyType, opUnreachable, opEnd, opEnd)

	add := f.count([]byte{none, opLocalGet, 0})
	run := func(op byte, shift int) []byte {
		b := append(constant([]byte{none, opLocalGet, 0}, shift), op)
		b = append(f.count(b), opLocalGet, 0)
		return append(b, opEnd)
	}
	return [][]byte{look, append(add, opEnd),
		run(opI32ShrU, bytesShift), run(opI32ShrU, entriesShift), run(opI32Shl, pagesUp)}
}

// count adds the number on the stack to the counter, and looks when it is time.
func (f *fitter) count(b []byte) []byte {
	b = indexed(b, opGlobalGet, f.counter())
	b = indexed(append(b, opI32Add), opGlobalSet, f.counter())
	b = constant(indexed(b, opGlobalGet, f.counter()), perLook-1)
	return append(indexed(append(b, opI32GtU, opIf, emptyType), opCall, f.look()), opEnd)
}

// body appends a function with what counts. Its added variables are one for the
// units of its loops and one for the length of a run.
func (f *fitter) body(out []byte, b *bytecode.Body) []byte {
	out = binary.AppendUvarint(out, uint64(b.Groups+1))
	out = append(append(out, b.Head...), 2, typeI32)
	left := leftShort
	if units := callWeight(b); units > 0 {
		out, left = f.count(constant(out, units)), remainder
	}
	from := 0
	for _, p := range b.Places {
		out = append(out, b.Code[from:p.At]...)
		from = p.At
		switch p.Mark {
		case bytecode.Loop:
			if units := loopWeight(p); units > heavyUnits {
				out = f.count(constant(out, units))
			} else {
				out = f.iteration(out, b.Locals, units, left)
			}
		case bytecode.Bytes:
			out = f.run(out, b.Locals+1, f.bytes())
		case bytecode.Entries:
			out = f.run(out, b.Locals+1, f.entries())
		case bytecode.Pages:
			out = indexed(out, opCall, f.pages())
		}
	}
	return append(out, b.Code[from:]...)
}

// callWeight is what the function counts when it is called, in units.
func callWeight(b *bytecode.Body) int {
	if b.Calls == 0 && len(b.Code) <= shortBytes {
		return 0
	}
	units := 1 + len(b.Code)/unitBytes + b.Calls*callUnits
	light := func(p bytecode.Place) bool { return p.Mark == bytecode.Loop && loopWeight(p) <= heavyUnits }
	if slices.ContainsFunc(b.Places, light) {
		units += loopUnits
	}
	return units
}

// loopWeight is what an iteration counts.
func loopWeight(p bytecode.Place) int { return 1 + p.Size/unitBytes + p.Calls*callUnits }

// iteration counts one iteration of a loop in the variable, and hands the units
// on when there are more than left.
func (f *fitter) iteration(b []byte, variable uint32, units, left int) []byte {
	b = append(constant(indexed(b, opLocalGet, variable), units), opI32Add)
	b = constant(indexed(b, opLocalTee, variable), left)
	b = indexed(append(b, opI32GtU, opIf, emptyType), opLocalGet, variable)
	b = indexed(b, opCall, f.add())
	return append(indexed(constant(b, 0), opLocalSet, variable), opEnd)
}

// run counts a run whose length is on top of the stack, and leaves it there.
func (f *fitter) run(b []byte, variable uint32, helper uint32) []byte {
	b = constant(indexed(b, opLocalTee, variable), shortRun)
	b = indexed(append(b, opI32GtU, opIf, emptyType), opLocalGet, variable)
	b = indexed(b, opCall, helper)
	b = append(b, opDrop, opEnd)
	return indexed(b, opLocalGet, variable)
}
