// Package interrupt rewrites WebAssembly modules so that a host can stop them
// while they run.
//
//	module ──Fit──► the same module, with a global that the host sets to stop it
//
// While compiled code runs, Go can neither preempt its goroutine nor collect
// memory, and where a collection waits, no goroutine is left to set the global.
// So a fitted module leaves its compiled code from time to time (it grows its
// memory by nothing) and then looks at the global. wazero's own way,
// WithCloseOnContextDone, leaves the code at every iteration of every loop; the
// project's RATIONALE has the measurements.
//
// When to look is decided by counting work in units of up to about 64 bytes of
// code, some twenty simple instructions:
//
//   - each iteration of a loop counts by the size of the loop, in a variable of
//     the function;
//   - each call of a function that is long or calls others counts by the size of
//     the function, in a global; calls of the rest count where they are made;
//   - instructions that move a run of memory or of a table count by its length,
//     before they run, as does growing memory.
//
// A module looks after 524,288 units: a tight loop after half a millisecond, the
// slowest code that was found after a fifth of a second.
//
// # Laws
//
//   - A fitted module is valid exactly if the module was, and every call gives
//     the same result until the host sets the global.
//   - Between two looks, and between a look and the end of the call, there is at
//     most a bounded amount of work, whatever the module is.
//   - The module can neither read nor write what was added.
package interrupt

import (
	"encoding/binary"
	"errors"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
)

const (
	// Global is the name under which a fitted module exports the global, a mutable
	// i32. It is 0; once the host sets it to anything else, the call that runs
	// traps at its next look, and every later call at its first.
	Global = "sluice_interrupt"
	// Start is the name under which a fitted module exports what was its start
	// function. The host calls it, so that it can be stopped too.
	Start = "sluice_start"
)

// Fit returns a module that can be stopped. The module is only read, and must
// have a memory of its own. Custom sections, which only debuggers read, are left
// out: the places in the code that they speak of have moved. Errors are
// sentences for people, without the module's name, and cover what
// bytecode.Read and Bodies refuse.
func Fit(code []byte) ([]byte, error) {
	m, err := bytecode.Read(code)
	if err != nil {
		return nil, err
	}
	f := fitter{Module: m, out: make([]byte, 0, len(code)+len(code)/4)}
	f.out = append(f.out, code[:bytecode.HeaderBytes]...)
	for r := bytecode.NewReader(code[bytecode.HeaderBytes:]); r.More(); {
		id, section := r.Section()
		if err := f.section(id, section); err != nil {
			return nil, err
		}
	}
	if !m.Memory {
		return nil, errors.New("it has no memory: export one under the name memory")
	}
	return f.out, nil
}

// fitter writes the new module. The indices of what it adds come after all that
// the module has.
type fitter struct {
	*bytecode.Module
	out  []byte
	done bool // the globals are written
}

// Added globals.
func (f *fitter) stop() uint32    { return f.Globals }
func (f *fitter) counter() uint32 { return f.Globals + 1 }

// Added functions, in the order of helpers.
func (f *fitter) look() uint32    { return f.Functions }
func (f *fitter) add() uint32     { return f.Functions + 1 }
func (f *fitter) bytes() uint32   { return f.Functions + 2 }
func (f *fitter) entries() uint32 { return f.Functions + 3 }
func (f *fitter) pages() uint32   { return f.Functions + 4 }

// Added types, in the order of the type section.
func (f *fitter) plain() uint32   { return uint32(len(f.Params)) }
func (f *fitter) takes() uint32   { return uint32(len(f.Params)) + 1 }
func (f *fitter) through() uint32 { return uint32(len(f.Params)) + 2 }

func (f *fitter) section(id byte, section *bytecode.Reader) error {
	if id > bytecode.GlobalSection && id <= bytecode.DataCount && !f.done {
		f.write(bytecode.GlobalSection, append([]byte{2}, globals...))
		f.done = true
	}
	var content []byte
	var err error
	switch id {
	case bytecode.CustomSection, bytecode.StartSection:
		return nil
	case bytecode.TypeSection:
		content = more(section, types)
	case bytecode.FunctionSection:
		content = more(section, [][]byte{leb(nil, f.plain()), leb(nil, f.takes()), leb(nil, f.through()), leb(nil, f.through()), leb(nil, f.through())})
	case bytecode.GlobalSection:
		f.done = true
		content = more(section, [][]byte{globals[:5], globals[5:]})
	case bytecode.ExportSection:
		content = more(section, f.exports())
	case bytecode.CodeSection:
		content, err = f.bodies()
	default:
		content = section.Rest()
	}
	f.write(id, content)
	if err == nil {
		err = section.Err()
	}
	return err
}

func (f *fitter) write(id byte, content []byte) {
	f.out = leb(append(f.out, id), uint32(len(content)))
	f.out = append(f.out, content...)
}

// more adds items at the end of a section that begins with their number.
func more(section *bytecode.Reader, items [][]byte) []byte {
	out := leb(nil, section.U32()+uint32(len(items)))
	out = append(out, section.Rest()...)
	for _, item := range items {
		out = append(out, item...)
	}
	return out
}

func (f *fitter) exports() [][]byte {
	name := func(s string) []byte { return append(leb(nil, uint32(len(s))), s...) }
	items := [][]byte{leb(append(name(Global), kindGlobal), f.stop())}
	if f.Start != nil {
		items = append(items, append(append(name(Start), kindFunction), f.Start...))
	}
	return items
}

// bodies writes the code section.
func (f *fitter) bodies() ([]byte, error) {
	helpers := f.helpers()
	var out, one []byte
	err := f.Bodies(func(b *bytecode.Body) {
		one = f.body(one[:0], b)
		out = append(leb(out, uint32(len(one))), one...)
	})
	for _, h := range helpers {
		out = append(leb(out, uint32(len(h))), h...)
	}
	return append(leb(nil, uint32(len(f.Types)+len(helpers))), out...), err
}

func leb(b []byte, n uint32) []byte { return binary.AppendUvarint(b, uint64(n)) }
