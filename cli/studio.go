package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/runtime/source"
)

type studioFlags struct {
	selection source.Selection
	listen    string
}

func (a *app) newStudio() *cobra.Command {
	var f studioFlags
	cmd := &cobra.Command{
		Use:   "studio [flags] [FILE|DIR|GLOB|s3://BUCKET/PREFIX|-…]",
		Short: "Change a mapping in a local page and see at once what becomes of alerts",
		Long: `Studio serves a page on this machine, prints its address and opens nothing. The
page shows the files of a mapping beside alerts, and what becomes of each: its
event, which rule gave which attribute from which value, and what is left under
unmapped. Faults, outcomes and the mapping's tests follow what is typed, and
what differs from the files on the disk is marked. Save writes a file of the
mapping back, or makes one that it names and that is missing, unless the disk has
something else by then; nothing else is ever written.

The alerts are those of the inputs, the first 5000 or 8 MiB of them, or samples
when none is named. The address has a token, which only this start of the
command knows. Ctrl-C and SIGTERM end it with 0.`,
		Example: `  sluice studio -m my/ alerts.json
  sluice studio -m my/findings.yaml --listen 127.0.0.1:8080 /var/ossec/logs/alerts/alerts.json`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return a.studio(cmd.Context(), cmd, &f, args) },
	}
	settingFlags(cmd, "mapping", "class", "strict")
	selectionFlags(cmd, &f.selection)
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", "address of this machine that serves the page; port 0 is any that is free")
	completeMappings(cmd)
	return describeExits(cmd, exits{"it was asked to end", "failed: an input cannot be read, or the address is in use", "the call is wrong; a mapping or a file does not exist"})
}

// studio reads the alerts and serves the page until the context ends.
func (a *app) studio(ctx context.Context, cmd *cobra.Command, f *studioFlags, args []string) error {
	s, err := a.settings(cmd)
	if err := errors.Join(err, f.selection.Check()); err != nil {
		return usage(err)
	}
	if s.MemoryLimit == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(checkBytes))
	}
	w := &workbench{app: a, names: s.Mappings, strict: s.Strict, life: ctx}
	bench, err := w.bench(!cmd.Flag("mapping").Changed && a.getenv("SLUICE_MAPPING") == "")
	if err != nil {
		return usage(err)
	}
	if bench.Alerts, bench.LeftOut, err = a.studioAlerts(ctx, &s, f.selection, args); err != nil {
		return err
	}
	l, err := studio.Listen(ctx, f.listen)
	var system *net.OpError
	switch {
	case errors.As(err, &system): // the address is in use, or is not to be had
		return fmt.Errorf("--listen: %w: name a free port of this machine", err)
	case err != nil:
		return usage(fmt.Errorf("--listen: %w", err))
	}
	token := rand.Text()
	if bench.LeftOut != "" {
		a.warn([]string{bench.LeftOut})
	}
	printf(a.Err, "%s of %s; the page is at\n\n  %s\n\nCtrl-C ends it\n", plural(len(bench.Alerts), "alert"), orElse(shorten(args), "the samples"),
		"http://"+l.Addr().String()+"/#"+token)
	return studio.New(*bench, token).Serve(ctx, l)
}
