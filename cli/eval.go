package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

type evalFlags struct {
	mappings []string
	json     bool
}

func (a *app) newEval() *cobra.Command {
	var f evalFlags
	cmd := &cobra.Command{
		Use:   "eval [flags] [EXPRESSION [ALERT|FILE[:LINE]|-]]",
		Short: "Evaluate one expression over one alert, or on a terminal one after another",
		Long: `Eval evaluates an expression and prints its value as JSON, the kind of the
value, and what the expression read. The = in front may be left out; it is needed
before a minus sign.

The alert is JSON text that begins with {, or a line of a file, plain, gzip or
zstd (the first line that is not blank, when none is named), or - for standard
input. Without one the expression is evaluated over an empty alert.

With -m the expression may use the lets, tables and functions of a mapping, and
sees the alert as its rules do. Of several mappings the one that takes the alert
counts.

Without an expression, on a terminal, it asks for one after another: Tab completes
the fields of the alert, functions and the names of the mapping, :alert takes an
alert, :help lists the rest. What you type is kept in
~/.local/state/sluice/eval_history, which only you can read; lines that begin with
a blank are not.`,
		Example: `  sluice eval '=upper(agent.name)' alerts.json:17
  sluice eval -m my/mapping.yaml '=severity_id' '{"rule":{"level":9}}'
  sluice eval 'split("a,b", ",")'
  sluice eval -m my/mapping.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return usagef("%s evaluates one expression over one alert, got %d arguments: put each of them in quotes", cmd.CommandPath(), len(args))
			}
			if !isTerminalInput(a.In) || !isTerminal(a.Out) {
				return atLeast(1, "an expression, unless it runs on a terminal")(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := a.settings(cmd); err != nil {
				return usage(err)
			}
			a.showGuests = true
			if len(args) == 0 {
				return a.interactive(cmd.Context(), f.mappings)
			}
			return a.eval(cmd.Context(), &f, args)
		},
	}
	settingFlags(cmd, "set")
	cmd.Flags().StringArrayVarP(&f.mappings, "mapping", "m", nil, "shipped name, file or folder of a mapping whose names the expression may use (repeatable)")
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object on stdout")
	completeMappings(cmd)
	return describeExits(cmd, exits{"evaluated", "the expression failed, or the alert cannot be read", "the call, the expression or the mapping is wrong; the file does not exist"})
}

func (a *app) eval(ctx context.Context, f *evalFlags, args []string) error {
	one := oneAlert{line: "{}"}
	if len(args) == 2 {
		var err error
		if one, err = a.alert(ctx, args[1]); err != nil {
			return err
		}
	}
	files, err := a.loader.Load(f.mappings)
	if err != nil {
		return usage(err)
	}
	x, err := a.expression("argument", args[0], files, one)
	if err != nil {
		return err
	}
	defer x.Close()
	got, err := evaluate(x, one)
	if err != nil {
		return err
	}
	if f.json {
		err = evalJSON(a.data(), one, got)
	} else {
		err = evalText(a.Out, a.paint(a.Out), one, got)
	}
	if err == nil && got.Error != "" {
		err = errors.New("the expression failed: " + got.Error)
	}
	return err
}

// evaluate evaluates an expression over an alert. The error is about the alert.
func evaluate(x *engine.Expression, one oneAlert) (engine.Evaluation, error) {
	if one.bad != "" {
		return engine.Evaluation{}, errors.New("there is no alert to evaluate it over: " + one.bad)
	}
	got, err := x.Evaluate(one.line)
	if err != nil {
		return got, errors.New("there is no alert to evaluate it over: " + err.Error())
	}
	return got, nil
}

// expression compiles an expression that may use the names of the mapping that takes
// the alert. It prints faults and returns an error of exit code 2.
func (a *app) expression(name, text string, files []engine.File, one oneAlert) (*engine.Expression, error) {
	m, err := a.takes(files, one)
	var x *engine.Expression
	if err == nil {
		x, err = engine.CompileExpression(name, text, m, a.options(false))
	}
	var faults syntax.Faults
	if errors.As(err, &faults) {
		printFaults(a.Err, faults, append(files, engine.File{Name: name, Text: []byte(text)}))
		return nil, usagef("%s: nothing was evaluated", plural(len(faults), "fault"))
	}
	if err != nil {
		return nil, usage(err)
	}
	var names []string
	for _, s := range x.Settings {
		names = append(names, s.Name)
	}
	return x, a.knownNames(names)
}

// takes returns the mapping that takes the alert: a single one in any case, and nil
// without any.
func (a *app) takes(files []engine.File, one oneAlert) (*syntax.Mapping, error) {
	all := parsed(files)
	switch len(all) {
	case 0:
		return nil, nil
	case 1:
		return all[0].Mapping, all[0].Faults.Err()
	}
	e, err := a.compile(files, a.options(false))
	if err != nil {
		return nil, err
	}
	worker := e.NewWorker()
	defer worker.Close()
	r := worker.Apply(one.line)
	if r.Outcome == engine.Unmatched || r.Outcome == engine.Reject && r.Where == nil {
		return nil, usagef("none of the %d mappings takes this alert, so it is open whose names the expression may use: name the file of one with -m", len(all))
	}
	return ofName(e.Mappings[r.Mapping].Name, all), nil
}
