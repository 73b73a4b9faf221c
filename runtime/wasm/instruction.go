package wasm

import (
	"errors"
	"fmt"
)

const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opEnd          = 0x0b
	opCall         = 0x10
	opCallIndirect = 0x11
	opDrop         = 0x1a
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI32Eqz       = 0x45
	opI32Add       = 0x6a
	opI32And       = 0x71
)

// bounds are how many variables a function may use. One that it has not would
// be one of the brake's.
type bounds struct {
	globals, locals uint32
}

// instruction passes over one instruction and gives its opcode.
func (r *reader) instruction(within bounds) byte {
	op := r.byte()
	switch {
	case op >= opLocalGet && op <= opLocalTee:
		r.below(within.locals, "local variable")
	case op == opGlobalGet || op == opGlobalSet:
		r.below(within.globals, "global")
	case op >= opBlock && op <= opIf: // the type of the block
		r.number()
	case op == 0x0c || op == 0x0d || op == opCall || op == 0x25 || op == 0x26 || op == 0xd0 || op == 0xd2:
		r.number() // a label, function, table or type
	case op == 0x0e: // br_table
		r.each(func() { r.number() })
		r.number()
	case op == opCallIndirect || op >= 0x28 && op <= 0x3e: // also load and store
		r.number()
		r.number()
	case op == 0x1c: // select with types
		r.each(func() { r.byte() })
	case op >= 0x3f && op <= 0x42: // memory.size and grow, integers
		r.number()
	case op == 0x43:
		r.bytes(4)
	case op == 0x44:
		r.bytes(8)
	case op == 0xfc:
		r.bulk()
	case op == 0xfd:
		r.vector()
	case op <= 0x01, op == 0x05, op == opEnd, op == 0x0f, op == opDrop, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
	default:
		r.fail(fmt.Errorf("it uses an instruction (0x%02x) that guests do not get: build for WebAssembly 2.0", op))
	}
	return op
}

func (r *reader) below(n uint32, what string) {
	if i := r.u32(); i >= n && r.err == nil {
		r.fail(fmt.Errorf("it uses %s %d of %d: it is no valid module; build it again", what, i, n))
	}
}

// bulk passes over what follows 0xfc: conversions, and work on memory or tables.
func (r *reader) bulk() {
	switch op := r.u32(); {
	case op <= 7:
	case op == 8 || op == 10 || op == 12 || op == 14:
		r.number()
		r.number()
	case op == 15:
		r.fail(errors.New("it grows a table, which no limit would bound: build it without table.grow"))
	case op <= 17:
		r.number()
	default:
		r.fail(fmt.Errorf("it uses an instruction (0xfc %d) that guests do not get: build for WebAssembly 2.0", op))
	}
}

// vector passes over what follows 0xfd.
func (r *reader) vector() {
	switch op := r.u32(); {
	case op <= 11 || op == 92 || op == 93: // load and store
		r.number()
		r.number()
	case op == 12 || op == 13: // a constant, a shuffle
		r.bytes(16)
	case op >= 21 && op <= 34: // lanes
		r.byte()
	case op >= 84 && op <= 91: // load and store of lanes
		r.number()
		r.number()
		r.byte()
	case op > 255:
		r.fail(fmt.Errorf("it uses an instruction (0xfd %d) that guests do not get: build for WebAssembly 2.0", op))
	}
}

// number passes over a LEB128 number of any type.
func (r *reader) number() {
	for range 10 {
		if r.byte() < 0x80 {
			return
		}
	}
	r.fail(errors.New("a number in the module is malformed: build it again"))
}
