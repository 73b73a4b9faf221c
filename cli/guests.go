package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// newGuests makes the loader of WebAssembly modules. The user's cache folder keeps
// compiled modules: compiling a large guest takes most of a second. Commands that
// try guests show at once what these log, and that a module could not be kept,
// which changes no result. A run sums up what they log.
func (a *app) newGuests(ctx context.Context) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = "" // compiled in each run
	} else {
		cache = filepath.Join(cache, "sluice", "wasm")
	}
	a.guests = mapping.NewGuests(ctx, mapping.GuestOptions{
		CacheDir: cache, Read: a.loader.Module,
		Log: func(module, level, text string) {
			if !a.showGuests {
				a.logged.add(module, level, text)
				return
			}
			printf(a.Err, "%s: %s: %s\n", module, level, text)
		},
		Slow: func(err error) {
			if a.showGuests {
				printf(a.Err, "compiled without a cache: %v\n", err)
			}
		},
	})
}

// anew runs a job that compiles mappings, with a loader of its own. If the job
// succeeds, that loader replaces the one before, which is closed; otherwise it is
// closed itself. So a watch keeps no module that it does not use.
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

// options are those with which every command compiles mappings.
func (a *app) options(strict bool) engine.Options {
	return engine.Options{Strict: strict, Load: a.guests.Load, Setting: a.setting}
}
