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
		Long: `Explain maps one alert and tells, in the order of the mapping, what became of
each attribute: its value, the rule that gave it, what that rule read of the
alert, what the attribute's type made of it, or why the event does not have it.
At the end stands what was left under unmapped. Of an alert that is no event it
tells where it stopped.

The alert is JSON text that begins with {, or a line of a file, plain, gzip or
zstd (the first line with anything on it, when no line is named), or standard
input. With --reject it is the alert inside a line of a reject file.

Exit codes: 0 explained, whatever became of the alert; 1 there is no such line;
2 usage or mapping error.`,
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
	return cmd
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
	one, err := a.alert(ctx, f, args)
	if err != nil {
		return err
	}
	x := engine.Explanation{Outcome: engine.Reject, Reason: one.bad}
	if one.bad == "" {
		worker := e.NewWorker()
		defer worker.Close()
		x = worker.Explain(one.line)
	}
	if f.format == "json" {
		return explainJSON(a.Out, e, one, x)
	}
	return explainText(a.Out, a.paint(a.Out), e, one, x)
}

// checkFormat holds --format to what there is.
func checkFormat(format string) error {
	if format != "text" && format != "json" {
		return fmt.Errorf("--format is %q: give text or json", format)
	}
	return nil
}
