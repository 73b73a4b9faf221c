package wasm

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Guest runs a module for one goroutine. After a fault it continues with a new
// instance by itself. Its methods must not be called by two goroutines at once.
type Guest struct {
	module   *Module
	life     context.Context
	instance *instance // nil until the next call
	running  bool
	closed   bool

	in  []byte    // arguments as they cross
	out [2][]byte // last result of each stage
}

var (
	errRunning = errors.New("called from inside one of its own calls, as a Log function must not")
	errGone    = errors.New("used after it was closed")
)

// Call calls a function. The arguments are only read; the result is a copy.
// Errors are *Fault (and the alert must be rejected, by the mapping's rules) or
// the error of the context, which is only looked at before the call: see
// Module.Guest for what stops a running one.
//
// A call allocates what its result needs and nothing else.
func (g *Guest) Call(ctx context.Context, export string, args []alert.Value) (alert.Value, error) {
	slot, ok := g.module.slots[export]
	if !ok {
		return alert.Value{}, fmt.Errorf("wasm %s: %s is not among the functions it was loaded for: name it in the Config", g.module.Name, quote(export))
	}
	return g.call(ctx, slot, args)
}

// Func is Call of one function, bound to this guest: the plain Go function
// that the engine takes.
func (g *Guest) Func(ctx context.Context, export string) (func(args []alert.Value) (alert.Value, error), error) {
	slot, ok := g.module.slots[export]
	if !ok {
		return nil, fmt.Errorf("wasm %s: %s is not among the functions it was loaded for: name it in the Config", g.module.Name, quote(export))
	}
	return func(args []alert.Value) (alert.Value, error) {
		return g.call(ctx, slot, args)
	}, nil
}

func (g *Guest) call(ctx context.Context, slot int, args []alert.Value) (alert.Value, error) {
	in, err := appendArgs(g.in[:0], args)
	if err != nil {
		return alert.Value{}, g.fault(slot, BadArgument, err.Error())
	}
	g.in = in
	view, some, err := g.run(ctx, slot, in)
	if err != nil || !some {
		return alert.Value{}, err
	}
	v, err := DecodeValue(view)
	if err != nil {
		g.discard()
		return alert.Value{}, g.fault(slot, Nonsense, "its result is not a value: "+err.Error())
	}
	return v, nil
}

// Alert gives a line to the stage before the rules. out is the line to go on
// with, without its end; it is the guest's to overwrite at the next Alert.
func (g *Guest) Alert(ctx context.Context, line []byte) (out []byte, dropped bool, err error) {
	return g.stage(ctx, alertSlot, g.module.config.Alert, line)
}

// Event gives an event, as JSON, to the stage after the rules. out is the event
// to continue with, unchecked; the guest overwrites it at the next Event.
func (g *Guest) Event(ctx context.Context, event []byte) (out []byte, dropped bool, err error) {
	return g.stage(ctx, eventSlot, g.module.config.Event, event)
}

func (g *Guest) stage(ctx context.Context, slot int, has bool, in []byte) (out []byte, dropped bool, err error) {
	if !has {
		return nil, false, fmt.Errorf("wasm %s: it was not loaded for %s: set the stage in the Config", g.module.Name, g.module.entries[slot])
	}
	view, some, err := g.run(ctx, slot, in)
	if err != nil || !some {
		return nil, err == nil, err
	}
	view = bytes.TrimSuffix(bytes.TrimSuffix(view, []byte("\n")), []byte("\r"))
	what := ""
	switch {
	case len(view) == 0:
		what = "its result is empty: it must give 0 to drop, or one JSON object"
	case bytes.IndexByte(view, '\n') >= 0:
		what = "its result is more than one line: it must give one JSON object without line ends"
	}
	if what != "" {
		g.discard()
		return nil, false, g.fault(slot, Nonsense, what)
	}
	g.out[slot] = append(g.out[slot][:0], view...)
	return g.out[slot], false, nil
}

// run makes one call into the guest. The view is of the guest's memory and
// holds until the next call; some is false for a result of 0.
func (g *Guest) run(ctx context.Context, slot int, in []byte) (view []byte, some bool, err error) {
	if err := g.ready(ctx); err != nil {
		return nil, false, err
	}
	it := g.instance
	it.state.begin()
	if it.timer != nil {
		it.timer.Reset(g.module.config.Timeout)
	}
	g.running = true
	err = it.enter(slot, in)
	g.running = false
	if !it.rest(err) {
		err = it.fault(g.module.entries[slot], err)
		g.discard()
		return nil, false, err
	}
	if it.stack[0] == 0 {
		return nil, false, nil
	}
	view, reason := it.result()
	if reason != "" {
		g.discard()
		return nil, false, g.fault(slot, Nonsense, reason)
	}
	return view, true, nil
}

// ready sees to it that there is an instance to call.
func (g *Guest) ready(ctx context.Context) (err error) {
	switch {
	case g.running:
		err = errRunning
	case g.closed:
		err = errGone
	case ctx.Err() != nil:
		err = ctx.Err()
	default:
		err = g.life.Err()
	}
	if err != nil {
		return fmt.Errorf("wasm %s: %w", g.module.Name, err)
	}
	if g.module.config.Fresh {
		g.Renew()
	}
	if g.instance == nil {
		g.instance, err = g.module.instantiate(g.life)
	}
	return err
}

// enter calls the entry point of a slot with the bytes as its arguments; the
// result is then in the stack.
func (in *instance) enter(slot int, b []byte) error {
	in.used = true
	f := in.entries[slot]
	if f == nil {
		f = in.guest.ExportedFunction(in.module.entries[slot])
		in.entries[slot] = f
	}
	if err := in.place(b); err != nil {
		return err
	}
	in.stack = [2]uint64{uint64(in.buffer), uint64(len(b))}
	return f.CallWithStack(in.state, in.stack[:])
}

// result is what the call's result points at, or why there is nothing.
func (in *instance) result() (view []byte, reason string) {
	ptr, n := uint32(in.stack[0]>>32), uint32(in.stack[0])
	if limit := in.module.config.ResultBytes; uint64(n) > uint64(limit) {
		return nil, fmt.Sprintf("its result has %d bytes, %d are allowed: give less, or raise the limit", n, limit)
	}
	view, ok := in.memory.Read(ptr, n)
	if !ok {
		return nil, fmt.Sprintf("its result is %d bytes at %d, but its memory ends at %d", n, ptr, in.memory.Size())
	}
	return view, ""
}

func (g *Guest) fault(slot int, kind Kind, reason string) error {
	return &Fault{Kind: kind, Module: g.module.Name, Export: g.module.entries[slot], Reason: reason}
}

// Renew forgets all that the guest may have kept from earlier calls: the next
// call gets a new instance, if there was a call. It does nothing inside a call.
func (g *Guest) Renew() {
	if g.instance != nil && g.instance.used {
		g.discard()
	}
}

func (g *Guest) discard() {
	if g.instance != nil && !g.running {
		g.instance.close()
		g.instance = nil
	}
}

// Close ends the guest and gives its memory back. Closing twice does nothing.
func (g *Guest) Close() {
	g.discard()
	g.closed = true
}
