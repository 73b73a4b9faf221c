package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

func (a *app) newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check FILE|DIR|NAME…",
		Short: "Compile mappings and report every fault in them",
		Long: `Check compiles each mapping and reports all faults of all of them, each as
file:line:column: message with the line it is on. A folder gives all its
mappings. The exit code is 2 where there is any fault.`,
		Args: atLeast(1, "a mapping file, folder or shipped name"),
		RunE: func(_ *cobra.Command, args []string) error { return a.check(args) },
	}
}

func (a *app) check(args []string) error {
	files, err := mapping.Load(args)
	if err != nil {
		return usage(err)
	}
	var all syntax.Faults
	for _, f := range files {
		_, err := engine.Compile([]engine.File{f}, engine.Options{})
		var faults syntax.Faults
		if errors.As(err, &faults) {
			all = append(all, faults...)
		} else if err != nil {
			return err
		}
	}
	if len(all) > 0 {
		printFaults(a.Out, all, files)
		return &exitError{2, fmt.Errorf("%s in %s", plural(len(all), "fault"), plural(len(files), "mapping"))}
	}
	fmt.Fprintf(a.Err, "%s: no fault\n", plural(len(files), "mapping"))
	return nil
}
