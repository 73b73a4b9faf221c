package wasm

import (
	"encoding/binary"
	"fmt"
)

// A guest that may be stopped gets a brake: a global of its own that the host
// sets from outside. What it runs counts the turns of its loops and its calls,
// and every 65,536th looks at the brake, and breaks off if it is set.
//
// To look, it leaves the compiled code for a moment, by growing its memory by
// nothing. That is as needful as the brake: while compiled code runs, Go can
// neither stop its goroutine nor collect memory, and where a collection waits
// nobody is left to set the brake. wazero's own way (WithCloseOnContextDone)
// leaves the compiled code at each turn, which makes tight loops ten times as
// slow, and starts a goroutine at each call.
//
// The turns of loops are counted in a variable of the function, calls in a
// global, by those functions that themselves call: the others cannot recurse.
const (
	brakeExport = "sluice_brake"
	startExport = "sluice_start" // what was the start section, so that it can be stopped too

)

// Sections of a module by their ids.
const (
	customSection   = 0
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	tableSection    = 4
	memorySection   = 5
	globalSection   = 6
	exportSection   = 7
	startSection    = 8
	codeSection     = 10
	dataCount       = 12
)

const (
	kindFunction = 0
	kindGlobal   = 3
	typeI32      = 0x7f
	emptyType    = 0x40
)

// fitter puts the brake into a module. Custom sections, which only debuggers
// read, are left out: what they say of places in the code is no longer so.
type fitter struct {
	outline
	out  []byte
	done bool // the globals are there
}

// The indices of what is added come after all that the module has.
func (f *fitter) brake() uint32   { return f.globals }
func (f *fitter) counter() uint32 { return f.globals + 1 }
func (f *fitter) look() uint32    { return f.functions }

// fitBrake gives the module with a brake. The outline is that of the code,
// which holds whole sections.
func fitBrake(code []byte, o outline) ([]byte, error) {
	if !o.memory {
		return nil, fmt.Errorf("it has no memory: export one under the name memory")
	}
	f := fitter{outline: o, out: append(make([]byte, 0, len(code)+len(code)/4), code[:8]...)}
	r := reader{in: code, at: 8}
	for r.at < len(r.in) && r.err == nil {
		id := r.byte()
		section := reader{in: r.bytes(r.u32())}
		if r.err == nil {
			r.err = f.section(id, &section)
		}
	}
	return f.out, r.err
}

func (f *fitter) section(id byte, section *reader) error {
	globals := []byte{typeI32, 1, opI32Const, 0, opEnd, typeI32, 1, opI32Const, 0, opEnd}
	if id > globalSection && id <= dataCount && !f.done {
		f.done = true
		f.append(globalSection, append([]byte{2}, globals...))
	}
	switch id {
	case customSection, startSection:
		return nil
	case typeSection:
		f.append(id, more(section, 1, []byte{0x60, 0, 0}))
	case functionSection:
		f.append(id, more(section, 1, leb(nil, uint32(len(f.params)))))
	case globalSection:
		f.done = true
		f.append(id, more(section, 2, globals))
	case exportSection:
		f.append(id, f.exports(section))
	case codeSection:
		f.append(id, f.bodies(section))
	default:
		f.append(id, section.in)
	}
	return section.err
}

func (f *fitter) append(id byte, content []byte) {
	f.out = leb(append(f.out, id), uint32(len(content)))
	f.out = append(f.out, content...)
}

func leb(b []byte, n uint32) []byte { return binary.AppendUvarint(b, uint64(n)) }

// more adds items at the end of a section that begins with their number.
func more(section *reader, added uint32, items []byte) []byte {
	out := leb(nil, section.u32()+added)
	return append(append(out, section.in[section.at:]...), items...)
}

// exports adds the brake, and the start function if there is one.
func (f *fitter) exports(section *reader) []byte {
	name := func(b []byte, s string) []byte { return append(leb(b, uint32(len(s))), s...) }
	items := leb(append(name(nil, brakeExport), kindGlobal), f.brake())
	if f.start == nil {
		return more(section, 1, items)
	}
	items = append(name(items, startExport), kindFunction)
	return more(section, 2, append(items, f.start...))
}

func (f *fitter) bodies(section *reader) []byte {
	n := section.u32()
	if int(n) != len(f.types) {
		section.fail(fmt.Errorf("it has %d functions and %d bodies: it is damaged; build it again", len(f.types), n))
	}
	out := leb(make([]byte, 0, len(section.in)+len(section.in)/4), n+1)
	var one []byte
	for i := range f.types {
		body := reader{in: section.bytes(section.u32())}
		if f.types[i] >= uint32(len(f.params)) {
			section.fail(fmt.Errorf("function %d has type %d of %d: it is damaged; build it again", i, f.types[i], len(f.params)))
		}
		if section.err != nil {
			return nil
		}
		one = f.body(one[:0], &body, f.params[f.types[i]])
		if body.err != nil {
			section.fail(body.err)
			return nil
		}
		out = append(leb(out, uint32(len(one))), one...)
	}
	one = append(one[:0], 0, opI32Const, 0, opMemoryGrow, 0, opDrop)
	one = leb(append(one, opGlobalGet), f.brake())
	one = append(one, opIf, emptyType, opUnreachable, opEnd, opEnd)
	return append(leb(out, uint32(len(one))), one...)
}

// body copies a function and adds what counts.
func (f *fitter) body(out []byte, body *reader, params uint32) []byte {
	groups := body.u32()
	from, locals := body.at, params
	for range groups {
		locals += body.u32() // bounded when the outline was read
		body.byte()
	}
	out = append(leb(out, groups+1), body.in[from:body.at]...)
	out = append(out, 1, typeI32)

	within := bounds{globals: f.globals, locals: locals}
	rest := reader{in: body.in, at: body.at}
	calls := false
	var loops []int // where each loop's inside begins
	for rest.at < len(rest.in) && rest.err == nil {
		switch rest.instruction(within) {
		case opLoop:
			loops = append(loops, rest.at)
		case opCall, opCallIndirect:
			calls = true
		}
	}
	if rest.err != nil {
		body.fail(rest.err)
		return out
	}
	if calls {
		out = f.count(out, opGlobalGet, opGlobalSet, f.counter())
	}
	from = body.at
	for _, at := range loops {
		out = append(out, body.in[from:at]...)
		out = f.count(out, opLocalGet, opLocalSet, locals)
		from = at
	}
	return append(out, body.in[from:]...)
}

// count adds one to a variable, and looks at the brake when it is time.
func (f *fitter) count(out []byte, get, set byte, variable uint32) []byte {
	out = append(leb(append(out, get), variable), opI32Const, 1, opI32Add)
	out = leb(append(out, set), variable)
	out = leb(append(out, get), variable)
	out = append(out, opI32Const, 0xff, 0xff, 0x03, opI32And, opI32Eqz, opIf, emptyType) // 65535
	return append(leb(append(out, opCall), f.look()), opEnd)
}
