package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
)

// watchRun is `run --watch`: it compiles mappings when they changed, and runs with
// those that last compiled.
func (a *app) watchRun(ctx context.Context, cmd *cobra.Command, f *runFlags, args []string) error {
	for _, arg := range args {
		switch {
		case arg == "-":
			return usagef("--watch reads its inputs repeatedly, and standard input can be read only once: name a file")
		case strings.HasPrefix(arg, "s3://"):
			return usagef("%s cannot be watched: copy the objects to a folder and name that", arg)
		}
	}
	var good *engine.Engine
	compiled := ""
	files := func() []string { return append(a.mappingFiles(f), a.inputFiles(ctx, f, args)...) }
	return a.watch(ctx, files, func() error {
		a.begun = time.Now()
		if now := snapshot(a.mappingFiles(f)); good == nil || now != compiled {
			compiled = now
			err := a.anew(ctx, func() error {
				e, err := a.engine(&f.Settings)
				if err == nil {
					good = e
				}
				return err
			})
			if err != nil {
				if good != nil {
					err = fmt.Errorf("%w; the last good mapping stays in use", err)
				}
				return err
			}
		}
		return a.runWith(ctx, cmd, f, good, args)
	})
}

// mappingFiles lists the files that the mappings of a run consist of; of one that
// cannot be read, only itself.
func (a *app) mappingFiles(f *runFlags) []string {
	var files []string
	for _, name := range f.Mappings {
		loaded, err := a.loader.Load([]string{name})
		if err != nil {
			files = append(files, name)
		}
		for _, m := range loaded {
			files = append(files, filepath.FromSlash(m.Name))
			for included := range m.Includes {
				files = append(files, filepath.FromSlash(included))
			}
			guests, err := filepath.Glob(filepath.Join(filepath.Dir(m.Name), "*.wasm"))
			if err == nil { // else the folder's name is not a pattern
				files = append(files, guests...)
			}
		}
	}
	slices.Sort(files) // included files come in any order
	return slices.Compact(files)
}

// inputFiles lists the inputs of a run, without its own output.
func (a *app) inputFiles(ctx context.Context, f *runFlags, args []string) []string {
	inputs, err := f.selection.Expand(args, nil)
	if err == nil {
		silent := *a // the run itself reports what it leaves out
		silent.Err = io.Discard
		inputs, err = silent.notOutputs(ctx, f, args, inputs)
	}
	if err != nil {
		return args
	}
	var files []string
	for _, in := range inputs {
		files = append(files, in.Name)
	}
	return files
}
