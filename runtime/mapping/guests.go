package mapping

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// maxModule bounds a module's file: a Go guest with its runtime has some 4 MB.
const maxModule = 64 << 20

// Guests loads the WebAssembly modules that mappings name, for
// engine.Options.Load. It does nothing until a mapping names one.
type Guests struct {
	host *wasm.Host
	ctx  context.Context
	read func(name string) ([]byte, error)
	log  func(module, level, text string)
}

// NewGuests makes a loader. The context is for the life of all guests: when it
// is done, running calls end. CacheDir keeps compiled modules, "" compiles them
// anew. Read gives a module's bytes by its name, nil reads files. Log takes what
// guests say, from several goroutines; nil drops it.
func NewGuests(ctx context.Context, cacheDir string, read func(string) ([]byte, error), log func(module, level, text string)) *Guests {
	if read == nil {
		read = readModule
	}
	return &Guests{host: wasm.New(wasm.Options{CacheDir: cacheDir}), ctx: ctx, read: read, log: log}
}

// Close gives everything back. No guest may run any more.
func (g *Guests) Close() error { return g.host.Close(context.WithoutCancel(g.ctx)) }

// Load loads one module as a mapping wants it.
func (g *Guests) Load(u plan.GuestUse) (*plan.Guest, error) {
	code, err := g.read(u.Module.File)
	if err != nil {
		return nil, fmt.Errorf("the module %s cannot be read: %w", u.Module.File, err)
	}
	module, err := g.host.Load(g.ctx, u.Module.File, code, g.config(u))
	if err != nil {
		return nil, err
	}
	return &plan.Guest{Open: func() (plan.Instance, error) { return g.open(module) }}, nil
}

func (g *Guests) config(u plan.GuestUse) wasm.Config {
	m := u.Module
	c := wasm.Config{
		Functions: u.Functions, Alert: u.Alert, Event: u.Event,
		Settings: alert.FromAny(m.Config), SHA256: m.SHA256,
		MemoryPages: uint32(m.Limits.MemoryMiB) * (1 << 20 / wasm.PageBytes),
		Timeout:     time.Duration(m.Limits.TimeoutMS) * time.Millisecond,
		ResultBytes: m.Limits.ResultKiB << 10,
		Fresh:       m.Fresh, Clock: m.Clock, Random: m.Random,
	}
	if g.log != nil {
		c.Log = func(level wasm.Level, text string) { g.log(m.File, levels[level], text) }
	}
	return c
}

func (g *Guests) open(m *wasm.Module) (plan.Instance, error) {
	guest, err := m.Guest(g.ctx)
	if err != nil {
		return plan.Instance{}, err
	}
	return plan.Instance{
		Func: func(export string) (func([]alert.Value) (alert.Value, error), error) {
			return guest.Func(g.ctx, export)
		},
		Alert: func(in []byte) ([]byte, bool, error) { return guest.Alert(g.ctx, in) },
		Event: func(in []byte) ([]byte, bool, error) { return guest.Event(g.ctx, in) },
		Renew: guest.Renew,
		Close: guest.Close,
	}, nil
}

// levels are the names of wasm's levels, in their order.
var levels = [...]string{"debug", "info", "warning", "error"}

func readModule(name string) ([]byte, error) {
	info, err := os.Stat(filepath.FromSlash(name))
	switch {
	case err != nil:
		return nil, shorten(err)
	case info.Size() > maxModule:
		return nil, fmt.Errorf("it has %d bytes, the limit is %d", info.Size(), maxModule)
	}
	code, err := os.ReadFile(filepath.FromSlash(name))
	return code, shorten(err)
}
