package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
)

type explainFlags struct {
	reject string
	format string
}

func (a *app) newExplain() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain [flags] [ALERT|FILE[:LINE]|-]",
		Short: "Show for one alert which rule gave which attribute, from which value",
		Long: `Explain maps one alert and shows, in the order of the mapping, where each
attribute comes from: its value, the rule that gave it, what that rule read from
the alert, what the attribute's type made of it, or why the event does not have
it. What is left under unmapped comes last. Of an alert that does not become an
event it shows where that was decided.

The alert is JSON text that begins with {, or a line of a file, plain, gzip or
zstd (the first line that is not blank, when none is named), or standard input.
With --reject it is the alert inside a line of a reject file.

Without -m and --class it uses the mapping that run would use.`,
		Example: `  sluice explain alerts.json:17
  sluice explain -m my/mapping.yaml '{"id":"1","rule":{"level":5}}'
  sluice explain --reject lake/rejects/3f….ndjson:2`,
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error { return a.explain(cmd.Context(), cmd, &f, args) },
	}
	flags := cmd.Flags()
	settingFlags(cmd, "mapping", "class", "strict")
	flags.StringVar(&f.reject, "reject", "", "FILE:LINE of a reject file, whose alert is explained")
	flags.StringVar(&f.format, "format", "text", "text or json")
	completeMappings(cmd)
	return describeExits(cmd, exits{"explained, whatever became of the alert", "failed: the file has no such line, or cannot be read to the end", "the call or the mapping is wrong; the file does not exist"})
}

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("%s explains one alert, got %d arguments: quote the alert, or name it as FILE:LINE", cmd.CommandPath(), len(args))
	}
	return nil
}

func (a *app) explain(ctx context.Context, cmd *cobra.Command, f *explainFlags, args []string) error {
	s, err := a.settings(cmd)
	if err := errors.Join(checkFormat(f.format), err); err != nil {
		return usage(err)
	}
	a.showGuests = true
	e, err := a.engine(&s)
	if err != nil {
		return err
	}
	one, err := a.explained(ctx, f, args)
	if err != nil {
		return err
	}
	x := one.explain(e)
	if f.format == "json" {
		return writeJSON(a.data(), explanationOf(e, one, x))
	}
	return explainText(a.Out, a.paint(a.Out), e, one, x)
}

// explain says what becomes of the alert, and why.
func (one *oneAlert) explain(e *engine.Engine) engine.Explanation {
	if one.long != nil && e.Strict() {
		one.bad = one.long.Reason
	}
	if one.bad != "" {
		return engine.Explanation{Outcome: engine.Reject, Reason: one.bad}
	}
	worker := e.NewWorker()
	defer worker.Close()
	return worker.Explain(one.line)
}

// explained is the alert that the call means.
func (a *app) explained(ctx context.Context, f *explainFlags, args []string) (oneAlert, error) {
	switch {
	case f.reject != "" && len(args) == 1:
		return oneAlert{}, usagef("--reject names the alert, and %q names another: give one of them", shortened(args[0], 40))
	case f.reject != "":
		return a.rejected(ctx, f.reject)
	case len(args) == 0:
		return a.alert(ctx, "-")
	}
	return a.alert(ctx, args[0])
}

// checkFormat checks --format.
func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format is %q: give text or json", format)
	}
	return nil
}
