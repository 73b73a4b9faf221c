package mapping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// MaxModule bounds a module's file, in bytes: a Go guest with its runtime has
// some 4 MB.
const MaxModule = 64 << 20

// mostResult is more than any guest's memory holds, in KiB.
const mostResult = 4 << 20

// Guests loads the WebAssembly modules that mappings name, for
// engine.Options.Load. It does nothing until a mapping names one.
type Guests struct {
	host    *wasm.Host
	ctx     context.Context
	options GuestOptions

	mu      sync.Mutex
	modules map[string]bool // digests of those that were loaded
}

// GuestOptions are what a front door gives to its guests. The zero value is
// good.
type GuestOptions struct {
	// CacheDir keeps compiled modules; "" compiles them in each process. A
	// filled one may be read-only. Nobody else may write there.
	CacheDir string
	// Read gives a module's bytes, at most MaxModule of them, by its name; nil
	// reads files. The caller puts errors into a sentence that names the module.
	Read func(name string) ([]byte, error)
	// Log gets what guests log, from several goroutines; nil drops it. The level is
	// debug, info, warning or error.
	Log func(module, level, text string)
	// Slow gets the reason why a module could neither be read from CacheDir nor be
	// kept there. It was compiled, which costs time only. Nil drops the reason.
	Slow func(err error)
}

// NewGuests makes a loader. The context is for the life of all guests: when it
// is done, running calls end.
func NewGuests(ctx context.Context, options GuestOptions) *Guests {
	if options.Read == nil {
		options.Read = ReadModule
	}
	return &Guests{host: wasm.New(wasm.Options{CacheDir: options.CacheDir}), ctx: ctx, options: options, modules: map[string]bool{}}
}

// Digest is of the modules that were loaded so far, "" if there are none. With the
// digests of the mappings it says what these make of an alert.
func (g *Guests) Digest() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(g.modules)), " ")
}

// Close frees everything. No guest may run any more. A loader that no engine and no
// worker uses any more is collected without it.
func (g *Guests) Close() error { return g.host.Close(context.WithoutCancel(g.ctx)) }

// Load loads one module with the settings of the mapping.
func (g *Guests) Load(u plan.GuestUse) (*plan.Guest, error) {
	code, err := g.options.Read(u.Module.File)
	if err != nil {
		return nil, fmt.Errorf("the module %s cannot be read: %w", u.Module.File, err)
	}
	g.note(code)
	module, err := g.host.Load(g.ctx, u.Module.File, code, g.config(u))
	if err != nil {
		return nil, err
	}
	if module.CacheErr != nil && g.options.Slow != nil {
		g.options.Slow(module.CacheErr)
	}
	return &plan.Guest{Open: func() (plan.Instance, error) { return g.open(module) }}, nil
}

func (g *Guests) note(code []byte) {
	sum := sha256.Sum256(code)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.modules[hex.EncodeToString(sum[:])] = true
}

func (g *Guests) config(u plan.GuestUse) wasm.Config {
	m := u.Module
	c := wasm.Config{
		Functions: u.Functions, Alert: u.Alert, Event: u.Event,
		Settings: alert.From(m.Config), SHA256: m.SHA256,
		MemoryPages: uint32(m.Limits.MemoryMiB) * (1 << 20 / wasm.PageBytes),
		Timeout:     time.Duration(m.Limits.TimeoutMS) * time.Millisecond,
		ResultBytes: min(m.Limits.ResultKiB, mostResult) << 10,
		Fresh:       m.Fresh, Clock: m.Clock, Random: m.Random,
	}
	if g.options.Log != nil {
		c.Log = func(level wasm.Level, text string) { g.options.Log(m.File, levels[level], text) }
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
