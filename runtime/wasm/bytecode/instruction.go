package bytecode

import (
	"errors"
	"fmt"
)

// Opcodes that mean something here. The last two stand for all that move a run
// of memory or of a table; no module has them.
const (
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBranch       = 0x0c
	opBranchIf     = 0x0d
	opBranchTable  = 0x0e
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemoryGrow   = 0x40
	opBulk         = 0xfc
	opVector       = 0xfd

	opMoveBytes   = 0xfe
	opMoveEntries = 0xff
)

// blocksOf is how many basic blocks a compiler makes at an instruction, those
// that package interrupt adds included.
var blocksOf = [256]int{opBlock: 1, opLoop: 4, opIf: 2, opElse: 1, opBranchIf: 1, opMoveBytes: 6, opMoveEntries: 6}

// instruction reads one instruction and returns its opcode. It counts jumps, and
// values that come from elsewhere.
func (b *Body) instruction(r *Reader) byte {
	op := r.Byte()
	switch {
	case op >= opLocalGet && op <= opLocalTee:
		r.below(b.Locals, "local variable")
	case op == opGlobalGet || op == opGlobalSet: // what a host adds is out of reach
		r.below(b.module.Globals, "global")
	case op >= opBlock && op <= opIf:
		b.blockType(r)
		b.Jumps++
	case op == opBranch || op == opBranchIf:
		r.skipNumber()
		b.Jumps++
	case op == opBranchTable:
		b.Jumps += r.jumpTable()
	case op == opCall:
		b.call(r)
	case op == opCallIndirect:
		b.results(r.U32())
		r.skipNumber()
	case op == 0x25 || op == 0x26 || op == 0xd0 || op == 0xd2: // tables and references
		r.skipNumber()
	case op >= 0x28 && op <= 0x3e: // load and store
		r.skipNumber()
		r.skipNumber()
	case op == 0x1c: // select with types
		r.Each(func() { r.Byte() })
	case op >= 0x3f && op <= 0x42: // memory.size and memory.grow, integers
		r.skipNumber()
	case op == 0x43:
		r.Bytes(4)
	case op == 0x44:
		r.Bytes(8)
	case op == opBulk:
		return r.bulk()
	case op == opVector:
		r.vector()
	case op <= 0x01, op == opElse, op == opEnd, op == 0x0f, op == 0x1a, op == 0x1b, op >= 0x45 && op <= 0xc4, op == 0xd1:
	default:
		r.Fail(fmt.Errorf("it uses an instruction (0x%02x) that guests cannot use: build for WebAssembly 2.0", op))
		return 0
	}
	return op
}

func (r *Reader) below(n uint32, what string) {
	if i := r.U32(); i >= n && r.err == nil {
		r.Fail(fmt.Errorf("it uses %s %d of %d: it is not a valid module; build it again", what, i, n))
	}
}

// blockType reads the type of a block: one byte, or the index of a type.
func (b *Body) blockType(r *Reader) {
	if r.More() && r.in[r.at] < 0x80 && r.in[r.at]&0x40 != 0 {
		r.Byte()
		return
	}
	t := r.U32()
	b.results(t)
	if int(t) < len(b.module.Params) {
		b.values += int(b.module.Params[t])
	}
}

// call reads the index of a function. That of an import is not looked up: the
// imports of a guest have one result at most.
func (b *Body) call(r *Reader) {
	m := b.module
	own := int(r.U32()) - (int(m.Functions) - len(m.Types))
	if own >= 0 && own < len(m.Types) {
		b.results(m.Types[own])
	}
}

func (b *Body) results(t uint32) {
	if int(t) < len(b.module.Results) {
		b.values += int(b.module.Results[t])
	}
}

func (r *Reader) jumpTable() (targets int) {
	n := r.U32()
	if n > MaxTargets {
		r.Fail(fmt.Errorf("a br_table has %d targets, the limit is %d: split it", n, MaxTargets))
	}
	for i := uint32(0); i <= n && r.err == nil; i++ {
		r.skipNumber()
	}
	return int(n) + 1
}

// bulk reads what follows 0xfc: conversions, and what moves memory or tables.
func (r *Reader) bulk() byte {
	switch op := r.U32(); op {
	case 0, 1, 2, 3, 4, 5, 6, 7: // conversions
	case 8, 10: // memory.init, memory.copy
		r.skipNumber()
		r.skipNumber()
		return opMoveBytes
	case 11: // memory.fill
		r.skipNumber()
		return opMoveBytes
	case 12, 14: // table.init, table.copy
		r.skipNumber()
		r.skipNumber()
		return opMoveEntries
	case 17: // table.fill
		r.skipNumber()
		return opMoveEntries
	case 9, 13, 16: // data.drop, elem.drop, table.size
		r.skipNumber()
	case 15:
		r.Fail(errors.New("it grows a table, which no limit would bound: build it without table.grow"))
	default:
		r.Fail(fmt.Errorf("it uses an instruction (0xfc %d) that guests cannot use: build for WebAssembly 2.0", op))
	}
	return opBulk
}

// vector reads what follows 0xfd.
func (r *Reader) vector() {
	switch op := r.U32(); {
	case op <= 11 || op == 92 || op == 93: // load and store
		r.skipNumber()
		r.skipNumber()
	case op == 12 || op == 13: // a constant, a shuffle
		r.Bytes(16)
	case op >= 21 && op <= 34: // lanes
		r.Byte()
	case op >= 84 && op <= 91: // load and store of lanes
		r.skipNumber()
		r.skipNumber()
		r.Byte()
	case op > 255:
		r.Fail(fmt.Errorf("it uses an instruction (0xfd %d) that guests cannot use: build for WebAssembly 2.0", op))
	}
}
