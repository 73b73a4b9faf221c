package cli

import (
	"context"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// newGuests makes the loader of WebAssembly modules. Compiled modules are kept
// in the user's cache folder, where there is one: compiling a large guest takes
// most of a second.
func newGuests(ctx context.Context) *mapping.Guests {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "" // compiled in each run
	} else {
		cache = filepath.Join(cache, "sluice", "wasm")
	}
	return mapping.NewGuests(ctx, cache, nil, nil)
}

// options are what every command compiles mappings with.
func (a *app) options(strict bool) engine.Options {
	return engine.Options{Strict: strict, Load: a.guests.Load}
}
