package wasm

import (
	"context"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

// instance is one running copy of a module. Its first fault ends it.
type instance struct {
	module *Module
	guest  api.Module
	memory api.Memory
	alloc  api.Function
	free   api.Function
	// entries are bound when first called: each has a stack of its own.
	entries []api.Function

	state *state
	timer *time.Timer // nil if the guest cannot be stopped
	leave func() bool // ends the watch over the context of its life
	stack [2]uint64   // parameters and results of the call that runs

	used         bool   // by a call
	buffer, size uint32 // for arguments, in the guest's memory
}

// instantiate makes an instance and configures it. Errors are *Fault, or the
// context's.
func (m *Module) instantiate(ctx context.Context) (*instance, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("wasm %s: %w", m.Name, err)
	}
	in := &instance{module: m, state: newState(&m.config), entries: make([]api.Function, len(m.entries))}
	in.until(ctx)
	if m.config.timed() {
		in.timer = time.AfterFunc(m.config.StartTimeout, in.state.runOut)
	}
	export, err := in.start()
	if !in.rest(err) {
		fault := in.fault(export, err)
		in.close()
		return nil, fault
	}
	return in, nil
}

// until stops the guest when the context is done.
func (in *instance) until(ctx context.Context) {
	if in.leave != nil {
		in.leave()
	}
	in.leave = nil
	if ctx.Done() != nil {
		in.leave = context.AfterFunc(ctx, in.state.cancel)
	}
}

// create makes the instance. Of a guest that can be interrupted nothing runs yet.
func (in *instance) create() (err error) {
	defer func() {
		// An engine that trips over an odd module must not take the process along.
		if r := recover(); r != nil {
			err = fmt.Errorf("the engine failed: %v", r)
		}
	}()
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	in.guest, err = in.module.runtime.InstantiateModule(in.state, in.module.compiled, config)
	return err
}

// What runs before any export of the guest's own, as faults name it.
const (
	instantiation = "instantiation"
	startSection  = "start section"
)

// start makes the instance ready for calls. It returns the entry point that it
// reached.
func (in *instance) start() (string, error) {
	if err := in.create(); err != nil {
		return instantiation, err
	}
	in.memory = in.guest.Memory()
	in.alloc = in.guest.ExportedFunction(allocExport)
	in.free = in.guest.ExportedFunction(freeExport)
	if global, ok := in.guest.ExportedGlobal(interrupt.Global).(api.MutableGlobal); ok {
		in.state.watch(global)
	}
	for _, first := range []struct{ name, export string }{{startSection, interrupt.Start}, {initializeExport, initializeExport}} {
		if f := in.guest.ExportedFunction(first.export); f != nil {
			if err := f.CallWithStack(in.state, nil); err != nil {
				return first.name, err
			}
		}
	}
	if err := in.guest.ExportedFunction(versionExport).CallWithStack(in.state, in.stack[:]); err != nil {
		return versionExport, err
	}
	if v := uint32(in.stack[0]); v != abiVersion {
		return versionExport, &Fault{Kind: Nonsense, Reason: fmt.Sprintf("it says that it speaks version %d, this sluice speaks %d: build it with the guest kit of this release", v, abiVersion)}
	}
	return configureExport, in.configure()
}

func (in *instance) configure() error {
	f := in.guest.ExportedFunction(configureExport)
	if f == nil {
		return nil
	}
	if err := in.place(in.module.settings); err != nil {
		return err
	}
	in.stack = [2]uint64{uint64(in.buffer), uint64(len(in.module.settings))}
	if err := f.CallWithStack(in.state, in.stack[:]); err != nil {
		return err
	}
	if code := int32(in.stack[0]); code != 0 {
		return &Fault{Kind: Refusal, Reason: fmt.Sprintf("it rejected its config (it returned %d)", code)}
	}
	return nil
}

// place copies bytes into the guest's memory, at in.buffer.
func (in *instance) place(b []byte) error {
	if len(b) > int(in.size) || in.buffer == 0 {
		if err := in.grow(len(b)); err != nil {
			return err
		}
	}
	in.memory.Write(in.buffer, b) // grow checked that it fits, memory never shrinks
	return nil
}

// grow gets a buffer for n bytes, and a quarter more so that calls of similar size
// need no other.
func (in *instance) grow(n int) error {
	const least, most = 256, 1 << 30
	if n > most {
		return &Fault{Kind: BadArgument, Reason: fmt.Sprintf("%d bytes of arguments: no guest takes more than %d", n, most)}
	}
	if in.buffer != 0 {
		in.stack = [2]uint64{uint64(in.buffer), uint64(in.size)}
		in.buffer = 0
		if err := in.free.CallWithStack(in.state, in.stack[:]); err != nil {
			return err
		}
	}
	for _, size := range []int{max(least, n+n/4), n} {
		in.size = uint32(size)
		in.stack[0] = uint64(in.size)
		if err := in.alloc.CallWithStack(in.state, in.stack[:]); err != nil {
			return err
		}
		if in.buffer = uint32(in.stack[0]); in.buffer != 0 {
			break
		}
	}
	if in.buffer == 0 {
		return &Fault{Kind: Trap, Reason: fmt.Sprintf("it has no room for %d bytes of arguments: raise its memory limit, or pass less", n)}
	}
	if _, ok := in.memory.Read(in.buffer, in.size); !ok {
		return &Fault{Kind: Nonsense, Reason: fmt.Sprintf("sluice_alloc gave %d bytes at %d, its memory ends at %d", in.size, in.buffer, in.memory.Size())}
	}
	return nil
}

// rest stops the timer after a call and reports whether the instance may be used again.
// It may if the call ended by itself, late or not.
func (in *instance) rest(err error) bool {
	if in.timer != nil && !in.timer.Stop() {
		<-in.state.fired
	}
	if err == nil {
		in.state.spare()
	}
	return err == nil && in.state.stopped.Load() == 0
}

// fault returns the error of a call that failed or was cancelled.
func (in *instance) fault(export string, err error) error {
	m := in.module
	switch in.state.stopped.Load() {
	case cancelled:
		return fmt.Errorf("wasm %s, %s: stopped: %w", m.Name, export, context.Canceled)
	case runsOut:
		return &Fault{Kind: Timeout, Module: m.Name, Export: export, Reason: m.overtime(export), cause: err}
	}
	if fault, ok := err.(*Fault); ok {
		fault.Module, fault.Export = m.Name, export
		return fault
	}
	kind, reason := in.state.failure(err)
	return &Fault{Kind: kind, Module: m.Name, Export: export, Reason: reason, cause: err}
}

// overtime describes a timeout.
func (m *Module) overtime(export string) string {
	limit := m.config.Timeout
	for _, e := range []string{instantiation, startSection, initializeExport, versionExport, configureExport} {
		if e == export {
			limit = m.config.StartTimeout
		}
	}
	return fmt.Sprintf("it ran longer than the %v it may: fix an endless loop, or raise its time limit", limit)
}

// close frees the memory.
func (in *instance) close() {
	if in.leave != nil {
		in.leave()
	}
	if in.timer != nil {
		in.timer.Stop()
	}
	in.state.flush()
	if in.guest != nil {
		in.guest.Close(context.Background()) // nothing is open that could fail
	}
}
