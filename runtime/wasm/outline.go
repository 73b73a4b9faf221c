package wasm

import (
	"errors"
	"fmt"
)

// What a module may claim before it runs. wazero makes room for all of it at
// once, and checks neither.
const (
	maxCode         = 64 << 20
	maxTableEntries = 1 << 20
	maxLocals       = 50_000 // of one function; browsers draw the same line
)

var (
	magic   = [4]byte{0, 'a', 's', 'm'}
	version = [4]byte{1, 0, 0, 0}

	errEnds = errors.New("the module ends too soon: it was cut or is damaged; copy or build it again")
)

// imported is one entry of the import section.
type imported struct {
	module, name string
	function     bool
}

// outline is what must be known of a module before wazero may see it.
type outline struct {
	imports   []imported
	functions uint32   // imported ones and own ones
	params    []uint32 // of each type of a function: how many
	types     []uint32 // of each own function: its type
	memory    bool     // of its own
	globals   uint32   // the module's own
	start     []byte   // of the start section: the function to call, as it stands there
}

// readOutline looks at sections that claim room. It leaves to wazero whether
// the rest is well-formed.
func readOutline(code []byte) (outline, error) {
	var o outline
	r := reader{in: code, at: len(magic) + len(version)}
	for r.at < len(r.in) {
		id := r.byte()
		section := reader{in: r.bytes(r.u32())}
		if r.err != nil {
			return o, r.err
		}
		switch id {
		case typeSection:
			o.params = section.types()
		case importSection:
			o.imports = section.imports()
		case functionSection:
			section.each(func() { o.types = append(o.types, section.u32()) })
		case memorySection:
			o.memory = section.u32() > 0
		case tableSection:
			section.tables()
		case globalSection:
			o.globals = section.u32()
		case startSection:
			o.start = section.in
		case codeSection:
			section.bodies()
		}
		if section.err != nil {
			return o, section.err
		}
	}
	o.functions = uint32(len(o.types))
	for _, one := range o.imports {
		if one.function {
			o.functions++
		}
	}
	return o, nil
}

// reader reads the binary format; after its first error it gives zeros.
type reader struct {
	in  []byte
	at  int
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.at = len(r.in)
}

func (r *reader) byte() byte {
	if r.at >= len(r.in) {
		r.fail(errEnds)
		return 0
	}
	r.at++
	return r.in[r.at-1]
}

func (r *reader) bytes(n uint32) []byte {
	if uint64(n) > uint64(len(r.in)-r.at) {
		r.fail(errEnds)
		return nil
	}
	r.at += int(n)
	return r.in[r.at-int(n) : r.at]
}

// u32 reads a LEB128 number.
func (r *reader) u32() uint32 {
	var n uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if n > 0xffffffff {
				break
			}
			return uint32(n)
		}
	}
	r.fail(errors.New("a number in the module is malformed: build it again"))
	return 0
}

// each calls f so many times as the section's first number says.
func (r *reader) each(f func()) {
	for n := r.u32(); n > 0 && r.err == nil; n-- {
		f()
	}
}

func (r *reader) imports() []imported {
	var all []imported
	r.each(func() {
		one := imported{module: string(r.bytes(r.u32())), name: string(r.bytes(r.u32()))}
		switch kind := r.byte(); kind {
		case 0:
			one.function = true
			r.u32()
		case 1:
			r.byte()
			r.limits()
		case 2:
			r.limits()
		case 3:
			r.bytes(2)
		default:
			r.fail(fmt.Errorf("import %s.%s is of a kind (%d) that this sluice does not know: build for WebAssembly 2.0", quote(one.module), quote(one.name), kind))
		}
		all = append(all, one)
	})
	return all
}

// types gives how many parameters each type of a function has.
func (r *reader) types() []uint32 {
	var all []uint32
	r.each(func() {
		if form := r.byte(); form != 0x60 && r.err == nil {
			r.fail(fmt.Errorf("it has a type (0x%02x) that guests do not get: build for WebAssembly 2.0", form))
		}
		params := r.u32()
		r.bytes(params)
		r.bytes(r.u32())
		all = append(all, params)
	})
	return all
}

func (r *reader) limits() (smallest uint32) {
	flag := r.byte()
	smallest = r.u32()
	if flag&1 != 0 {
		r.u32()
	}
	return smallest
}

func (r *reader) tables() {
	entries := 0
	r.each(func() {
		if r.byte() == 0x40 {
			r.fail(errors.New("a table has an initial value: build for WebAssembly 2.0"))
			return
		}
		if entries += int(r.limits()); entries > maxTableEntries {
			r.fail(fmt.Errorf("its tables want %d entries: at most %d are given", entries, maxTableEntries))
		}
	})
}

func (r *reader) bodies() {
	r.each(func() {
		body := reader{in: r.bytes(r.u32())}
		locals := 0
		body.each(func() {
			if locals += int(body.u32()); locals > maxLocals {
				body.fail(fmt.Errorf("a function has more than %d local variables: split it", maxLocals))
			}
			body.byte()
		})
		if body.err != nil {
			r.fail(body.err)
		}
	})
}
