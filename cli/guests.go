package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// newGuests makes the loader of WebAssembly modules. Compiled modules are kept
// in the user's cache folder, where there is one: compiling a large guest takes
// most of a second. What guests say is shown by the commands that try them, and
// so is that nothing could be kept: it changes no result.
func (a *app) newGuests(ctx context.Context) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "" // compiled in each run
	} else {
		cache = filepath.Join(cache, "sluice", "wasm")
	}
	a.guests = mapping.NewGuests(ctx, mapping.GuestOptions{
		CacheDir: cache,
		Log: func(module, level, text string) {
			if a.showGuests {
				fmt.Fprintf(a.Err, "%s: %s: %s\n", module, level, text)
			}
		},
		Slow: func(err error) {
			if a.showGuests {
				fmt.Fprintf(a.Err, "compiled anew: %v\n", err)
			}
		},
	})
}

// anew does a job that compiles mappings with guests of its own. When it is
// over, those of a job that succeeded are in the place of the others, which end:
// else a watch would keep every module that it ever saw.
func (a *app) anew(ctx context.Context, job func() error) error {
	old := a.guests
	a.newGuests(ctx)
	err := job()
	over := old
	if err != nil {
		over, a.guests = a.guests, old
	}
	return errors.Join(err, over.Close())
}

// options are what every command compiles mappings with.
func (a *app) options(strict bool) engine.Options {
	return engine.Options{Strict: strict, Load: a.guests.Load}
}
