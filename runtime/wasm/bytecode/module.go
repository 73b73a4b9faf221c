package bytecode

import (
	"errors"
	"fmt"
)

// Import is one entry of the import section.
type Import struct {
	Module, Name string
	Function     bool
}

// Module is what the sections of a module say.
type Module struct {
	Imports   []Import
	Params    []uint32 // of each function type: how many parameters
	Results   []uint32 // of each function type: how many results
	Types     []uint32 // of each of its own functions: the index of its type
	Functions uint32   // imported and own
	Globals   uint32   // imported and own
	Memory    bool     // whether it has a memory of its own
	Exports   []string // names of all kinds
	Start     []byte   // content of the start section: the index of a function

	code []byte // content of the code section
}

// Read reads the sections of a module that begins with a header of HeaderBytes.
// Errors are sentences for people, without the module's name.
func Read(code []byte) (*Module, error) {
	m := &Module{}
	r := NewReader(code)
	r.Bytes(HeaderBytes)
	for r.More() {
		id, section := r.Section()
		if r.err != nil {
			break
		}
		m.section(id, section)
		if section.err != nil {
			return nil, section.err
		}
	}
	for _, one := range m.Imports {
		if one.Function {
			m.Functions++
		}
	}
	m.Functions += uint32(len(m.Types))
	return m, r.err
}

func (m *Module) section(id byte, section *Reader) {
	if id != CustomSection && id != StartSection && id <= DataCount {
		if n := NewReader(section.in).U32(); n > MaxItems {
			section.Fail(fmt.Errorf("a section of it has %d items, the limit is %d: make it smaller", n, MaxItems))
		}
	}
	switch id {
	case TypeSection:
		section.Each(func() { m.functionType(section) })
	case ImportSection:
		section.Each(func() { m.importEntry(section) })
	case FunctionSection:
		section.Each(func() { m.Types = append(m.Types, section.U32()) })
	case TableSection:
		section.tables()
	case MemorySection:
		m.Memory = section.U32() > 0
	case GlobalSection:
		m.Globals += section.U32()
	case ExportSection:
		section.Each(func() {
			m.Exports = append(m.Exports, string(section.Bytes(section.U32())))
			section.Byte()
			section.U32()
		})
	case StartSection:
		m.Start = section.in
	case CodeSection:
		m.code = section.in
	}
}

func (m *Module) importEntry(r *Reader) {
	one := Import{Module: string(r.Bytes(r.U32())), Name: string(r.Bytes(r.U32()))}
	switch kind := r.Byte(); kind {
	case 0:
		one.Function = true
		r.U32()
	case 1:
		r.Byte()
		r.limits()
	case 2:
		r.limits()
	case 3:
		r.Bytes(2)
		m.Globals++
	default:
		r.Fail(fmt.Errorf("import %.100q is of a kind (%d) that guests cannot import: build for WebAssembly 2.0", one.Module+"."+one.Name, kind))
	}
	m.Imports = append(m.Imports, one)
}

func (m *Module) functionType(r *Reader) {
	if form := r.Byte(); form != 0x60 && r.err == nil {
		r.Fail(fmt.Errorf("it has a type (0x%02x) that guests cannot use: build for WebAssembly 2.0", form))
	}
	params := r.U32()
	r.Bytes(params)
	results := r.U32()
	r.Bytes(results)
	if params > MaxParams || results > MaxParams {
		r.Fail(fmt.Errorf("a function has %d parameters and %d results, the limit is %d of each: pass them in memory", params, results, MaxParams))
	}
	m.Params, m.Results = append(m.Params, params), append(m.Results, results)
}

func (r *Reader) limits() (smallest uint32) {
	flag := r.Byte()
	smallest = r.U32()
	if flag&1 != 0 {
		r.U32()
	}
	return smallest
}

func (r *Reader) tables() {
	entries := 0
	r.Each(func() {
		if r.Byte() == 0x40 {
			r.Fail(errors.New("a table has an initial value: build for WebAssembly 2.0"))
			return
		}
		if entries += int(r.limits()); entries > MaxTableEntries {
			r.Fail(fmt.Errorf("its tables have %d entries, the limit is %d: make them smaller", entries, MaxTableEntries))
		}
	})
}

// Bodies reads the functions of the code section and calls f for each, in their
// order. The Body is f's until it returns.
func (m *Module) Bodies(f func(*Body)) error {
	if m.code == nil && len(m.Types) == 0 {
		return nil
	}
	section := NewReader(m.code)
	if n := section.U32(); section.err == nil && int(n) != len(m.Types) {
		return fmt.Errorf("it declares %d functions and has %d: it is damaged; build it again", len(m.Types), n)
	}
	b := Body{module: m}
	work := 0.0
	for i, t := range m.Types {
		raw := section.Bytes(section.U32())
		if section.err != nil {
			return section.err
		}
		if t >= uint32(len(m.Params)) {
			return fmt.Errorf("function %d has type %d of %d: it is damaged; build it again", i, t, len(m.Params))
		}
		if err := b.read(raw, m.Params[t]); err != nil {
			return fmt.Errorf("function %d: %w", i, err)
		}
		if work += b.work(); work > maxWork || b.live() > maxLive {
			return fmt.Errorf("function %d: its %d local variables, %d blocks and %d jumps would take too long to compile: build with optimization, or split it",
				i, b.Locals, b.Blocks, b.Jumps)
		}
		f(&b)
	}
	return nil
}
