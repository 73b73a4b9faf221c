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

// cacheFolder holds, below the package's root, its WebAssembly modules as they
// were compiled when it was packed. It is read-only in Lambda.
const cacheFolder = "wasm-cache"

// newGuests makes the loader of a set's WebAssembly modules.
func (r *rules) newGuests(read func(name string) ([]byte, error)) *mapping.Guests {
	o := mapping.GuestOptions{Read: read, Log: r.guestSaid, Slow: func(err error) {
		r.log.Warn("a WebAssembly module had to be compiled, which makes this start slow: pack it with make lambda WASM=…", "error", err.Error())
	}}
	if dir := filepath.Join(r.config.taskRoot, cacheFolder); !r.inBucket() && isFolder(dir) {
		o.CacheDir = dir
	}
	return mapping.NewGuests(context.Background(), o) // for as long as the function lives
}

func (r *rules) guestSaid(module, level, text string) {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warning": slog.LevelWarn, "error": slog.LevelError}
	r.log.Log(context.Background(), levels[level], text, "module", module)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// FillCache compiles the modules of a folder's mappings into the folder named
// cache, for the processor that this runs on, and returns an exit code. It is
// what the packer runs.
func FillCache(folder, cache string, stderr io.Writer) int {
	if err := fillCache(folder, cache); err != nil {
		fmt.Fprintln(stderr, strings.TrimSpace(err.Error()))
		return 1
	}
	return 0
}

func fillCache(folder, cache string) error {
	files, err := mapping.Load([]string{folder})
	if err != nil {
		return err
	}
	var unkept []error
	guests := mapping.NewGuests(context.Background(), mapping.GuestOptions{CacheDir: cache, Slow: func(err error) { unkept = append(unkept, err) }})
	_, err = engine.Compile(files, engine.Options{Load: guests.Load})
	return errors.Join(err, errors.Join(unkept...), guests.Close())
}
