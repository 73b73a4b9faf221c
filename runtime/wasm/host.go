package wasm

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
)

// Options of a Host. The zero value is good.
type Options struct {
	// CacheDir is a folder that keeps compiled modules; it is made if need be.
	// A filled one may be read-only. What lies in it is run as machine code, so
	// nobody else may write there. Empty: compile in each process.
	//
	// An entry fits one module, one version of wazero and of this package, one
	// kind of processor, and one choice of limited or unlimited time. wazero
	// takes its version from the build information of the program.
	CacheDir string
}

// Host loads modules. It may be used by several goroutines. It does nothing,
// and costs nothing, until the first Load.
type Host struct {
	options Options

	mu       sync.Mutex
	closed   bool
	disk     wazero.CompilationCache // nil if there is none, or it failed
	diskErr  error
	memory   wazero.CompilationCache
	modules  map[*Module]bool
	prepared bool
}

// New makes a host.
func New(options Options) *Host { return &Host{options: options} }

var errClosed = errors.New("the host is closed: make a new one")

// caches gives the caches to try, in order. A folder that cannot be used is no
// reason to fail: the module is compiled anew.
func (h *Host) caches() (disk, memory wazero.CompilationCache, diskErr error, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, nil, nil, errClosed
	}
	if !h.prepared {
		h.prepared = true
		h.modules = make(map[*Module]bool)
		h.memory = wazero.NewCompilationCache()
		if h.options.CacheDir != "" {
			h.disk, h.diskErr = wazero.NewCompilationCacheWithDir(h.options.CacheDir)
			if h.diskErr != nil {
				h.disk = nil
				h.diskErr = fmt.Errorf("the cache folder %s cannot be used: %w", h.options.CacheDir, h.diskErr)
			}
		}
	}
	return h.disk, h.memory, h.diskErr, nil
}

// keep takes note of a module, to close it with the host.
func (h *Host) keep(m *Module) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return errClosed
	}
	h.modules[m] = true
	return nil
}

func (h *Host) forget(m *Module) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.modules, m)
}

// Close closes all modules and gives their memory back. No guest may be
// running, and none may be used after.
func (h *Host) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	modules := h.modules
	h.modules = nil
	h.mu.Unlock()
	var errs []error
	for m := range modules {
		errs = append(errs, m.Close(ctx))
	}
	for _, cache := range []wazero.CompilationCache{h.disk, h.memory} {
		if cache != nil {
			errs = append(errs, cache.Close(ctx))
		}
	}
	return errors.Join(errs...)
}
