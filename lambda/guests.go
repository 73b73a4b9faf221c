package lambda

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// cacheFolder, in the package's root, has its WebAssembly modules in compiled form,
// from when the zip was made. It is read-only in Lambda.
const cacheFolder = "wasm-cache"

// newGuests makes the loader of a set's WebAssembly modules.
func (m *mappings) newGuests(read func(name string) ([]byte, error)) *mapping.Guests {
	o := mapping.GuestOptions{Read: read, Log: m.guestLog, Slow: func(err error) {
		m.log.Warn("a WebAssembly module had to be compiled, which slows this start down: pack it with make lambda WASM=…", "error", err.Error())
	}}
	if dir := filepath.Join(m.config.TaskRoot, cacheFolder); !m.inBucket() && isFolder(dir) {
		o.CacheDir = dir
	}
	return mapping.NewGuests(context.Background(), o) // for as long as the function lives
}

func (m *mappings) guestLog(module, level, text string) {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError}
	m.log.Log(context.Background(), levels[level], text, "module", module)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// FillCache compiles the modules of a folder's mappings into the folder cache, for
// the processor that this runs on, and returns an exit code. The packer runs it.
func FillCache(folder, cache string, stderr io.Writer) int {
	if err := fillCache(folder, cache); err != nil {
		fmt.Fprintln(stderr, strings.TrimSpace(err.Error()))
		return 1
	}
	return 0
}

func fillCache(folder, cache string) error {
	var loader mapping.Loader
	files, err := loader.Load([]string{folder})
	if err != nil {
		return err
	}
	var uncached []error
	guests := mapping.NewGuests(context.Background(), mapping.GuestOptions{CacheDir: cache, Read: loader.Module, Slow: func(err error) { uncached = append(uncached, err) }})
	_, err = engine.Compile(files, engine.Options{Load: guests.Load})
	return errors.Join(err, errors.Join(uncached...), guests.Close())
}
