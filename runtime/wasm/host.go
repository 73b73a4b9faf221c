package wasm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/tetratelabs/wazero"
)

// Options of a Host. The zero value is ready to use.
type Options struct {
	// CacheDir is a folder that keeps compiled modules; it is created if needed. A
	// filled one may be read-only. What lies in it is run as machine code, so it is
	// used only if nobody else can write to it: it, the folders above it and the
	// files in it must belong to the user of this process, to root or to whoever
	// owns this program. Empty: each process compiles.
	//
	// The name of an entry covers the module's bytes, those that package interrupt
	// added, the version of wazero and the features of the processor. wazero takes
	// its version from the build information of the program.
	CacheDir string
}

// Host loads modules. Several goroutines may use it. It does nothing, and costs
// nothing, until the first Load.
type Host struct {
	options   Options
	compiling atomic.Int32 // compilations that run, given up or not

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

// caches returns the caches to try, in order. Without a usable folder the module
// is compiled in memory.
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
			if h.disk, h.diskErr = openCache(h.options.CacheDir); h.diskErr != nil {
				h.diskErr = fmt.Errorf("the cache folder %s cannot be used: %w", h.options.CacheDir, h.diskErr)
			}
		}
	}
	return h.disk, h.memory, h.diskErr, nil
}

// keep records a module, to close it with the host.
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

// openCache opens the folder if what lies in it can be trusted.
func openCache(dir string) (wazero.CompilationCache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// From here on the folder has one name, whatever becomes of links to it.
	dir, err := filepath.EvalSymlinks(dir)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err == nil {
		err = checkTrusted(dir)
	}
	if err != nil {
		return nil, err
	}
	return wazero.NewCompilationCacheWithDir(dir)
}

// Close closes all modules and frees their memory. No guest may be running, and
// none may be used afterwards.
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
	// The caches belong to a compilation that was given up until it ends.
	for _, cache := range []wazero.CompilationCache{h.disk, h.memory} {
		if cache != nil && h.compiling.Load() == 0 {
			errs = append(errs, cache.Close(ctx))
		}
	}
	return errors.Join(errs...)
}
