package bytecode

import "fmt"

// Mark is what is at a place in the code of a function.
type Mark uint8

const (
	// Loop is the inside of a loop, from its first instruction to its end.
	Loop Mark = iota
	// Bytes is an instruction that moves a run of bytes of memory; their number
	// is on top of the stack.
	Bytes
	// Entries is an instruction that moves a run of entries of a table; their
	// number is on top of the stack.
	Entries
	// Pages is an instruction that grows memory; by how many pages is on top of
	// the stack.
	Pages
)

// Place is a marked place in Body.Code.
type Place struct {
	Mark  Mark
	At    int // where the instruction begins; of a Loop, where its inside begins
	Size  int // of a Loop: the bytes of its inside
	Calls int // of a Loop: the calls of its inside, and instructions that move runs
}

// Body is one function.
type Body struct {
	Groups int    // how many groups of locals it declares
	Head   []byte // the groups
	Code   []byte // the instructions, to the last end
	Locals uint32 // parameters and locals
	Calls  int    // how many calls it has, and instructions that move runs
	Blocks int    // how many basic blocks a compiler makes of it, about
	Jumps  int    // how many jumps lead from one to another, about
	Places []Place

	module *Module
	blocks []int // blocks that are open: the index of a loop's place, or -1
	values int   // that calls and blocks leave on the stack
}

// work is about how many nanoseconds wazero takes to compile the function, in
// the worst case that was found for such numbers.
func (b *Body) work() float64 {
	locals, blocks, jumps := float64(b.Locals), float64(b.Blocks), float64(b.Jumps)
	return locals*locals*blocks + 8*blocks*(blocks+jumps)
}

// live is how many variables may be alive over how many blocks; each takes about
// 100 bytes.
func (b *Body) live() int { return int(b.Locals) * b.Blocks }

// read reads a function with its locals and marks its places.
func (b *Body) read(raw []byte, params uint32) error {
	r := NewReader(raw)
	b.locals(r, params)
	b.Code = r.Rest()
	b.Calls, b.Blocks, b.Jumps, b.values = 0, 1, 0, 0
	b.Places, b.blocks = b.Places[:0], append(b.blocks[:0], -1)
	from := r.at
	for r.More() {
		if len(b.blocks) == 0 {
			r.Fail(fmt.Errorf("instructions follow its end: it is not a valid module; build it again"))
			break
		}
		at := r.at - from
		op := b.instruction(r)
		b.Blocks += blocksOf[op]
		if n := len(raw) + b.values; n > MaxBody {
			return fmt.Errorf("it has %d bytes, the limit is %d: split it", n, MaxBody)
		}
		switch op {
		case opBlock, opLoop, opIf:
			b.open(r, op == opLoop, r.at-from)
		case opEnd:
			b.end(r.at - from)
		case opCall, opCallIndirect:
			b.Calls++
		case opMemoryGrow:
			b.mark(Pages, at)
		case opMoveBytes:
			b.Calls++
			b.mark(Bytes, at)
		case opMoveEntries:
			b.Calls++
			b.mark(Entries, at)
		}
	}
	if r.err == nil && len(b.blocks) > 0 {
		return ErrEnds
	}
	return r.err
}

func (b *Body) locals(r *Reader, params uint32) {
	b.Locals = params
	groups := r.U32()
	from := r.at
	for range groups {
		n := r.U32()
		r.Byte()
		if n > MaxLocals || b.Locals+n > MaxLocals {
			r.Fail(fmt.Errorf("it has more than %d local variables: split it", MaxLocals))
		}
		if b.Locals += n; r.err != nil {
			return
		}
	}
	b.Groups, b.Head = int(groups), r.in[from:r.at]
}

func (b *Body) mark(m Mark, at int) { b.Places = append(b.Places, Place{Mark: m, At: at}) }

func (b *Body) open(r *Reader, loop bool, inside int) {
	if len(b.blocks) > MaxNesting {
		r.Fail(fmt.Errorf("its blocks are nested more than %d deep: split it", MaxNesting))
	}
	place := -1
	if loop {
		place = len(b.Places)
		b.mark(Loop, inside)
		b.Places[place].Calls = b.Calls // before it; end makes it those inside
	}
	b.blocks = append(b.blocks, place)
}

func (b *Body) end(at int) {
	last := len(b.blocks) - 1
	if i := b.blocks[last]; i >= 0 {
		b.Places[i].Size = at - b.Places[i].At
		b.Places[i].Calls = b.Calls - b.Places[i].Calls
	}
	b.blocks = b.blocks[:last]
}
