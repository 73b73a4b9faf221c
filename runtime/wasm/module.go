package wasm

import (
	"context"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
)

// Module is a compiled module that passed all checks. It is immutable and may
// be shared by goroutines; what runs are its Guests.
type Module struct {
	// Name is what Load was given; faults carry it.
	Name string
	// SHA256 is the digest of the module's bytes, in hex, for a pin.
	SHA256 string
	// CacheErr says why the compiled module could neither be read from the cache
	// folder nor be kept there; it was compiled all the same. Nil without an error
	// or without a folder.
	CacheErr error

	host     *Host
	config   Config
	settings []byte // Config.Settings in the ABI's form
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	entries  []string       // by slot
	slots    map[string]int // of the entries that Call may call

	mu    sync.Mutex
	spare *instance // the one that Load tried
}

// The slots of the stages come first.
const (
	alertSlot = iota
	eventSlot
	firstFunction
)

func newModule(h *Host, name string, config Config) *Module {
	m := &Module{Name: name, host: h, config: config.withDefaults()}
	m.entries = []string{alertExport, eventExport}
	m.slots = make(map[string]int, len(config.Functions))
	for _, function := range config.Functions {
		if _, twice := m.slots[function]; !twice {
			m.slots[function] = len(m.entries)
			m.entries = append(m.entries, function)
		}
	}
	return m
}

// wanted are the entry points that the module must have.
func (m *Module) wanted() []string {
	var all []string
	if m.config.Alert {
		all = append(all, alertExport)
	}
	if m.config.Event {
		all = append(all, eventExport)
	}
	return append(all, m.entries[firstFunction:]...)
}

// Guest makes a guest for one goroutine. It fails if the module's start or its
// configure fails, with a *Fault.
//
// The context is for the guest's life: when it is done, a call that runs is
// stopped, with a time limit or without.
func (m *Module) Guest(ctx context.Context) (*Guest, error) {
	g := &Guest{module: m, life: ctx}
	m.mu.Lock()
	g.instance, m.spare = m.spare, nil
	m.mu.Unlock()
	if g.instance != nil {
		g.instance.until(ctx)
		return g, nil
	}
	var err error
	g.instance, err = m.instantiate(ctx)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// Close ends all guests of the module and frees their memory. None may be running.
func (m *Module) Close(ctx context.Context) error {
	m.host.forget(m)
	m.mu.Lock()
	m.spare = nil
	m.mu.Unlock()
	// Of two errors the first is enough: both only concern memory.
	err := m.runtime.Close(ctx)
	if closeErr := m.compiled.Close(ctx); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("wasm %s: closing: %w", m.Name, err)
	}
	return nil
}
