package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/plan"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/source"
)

func (a *app) newWasmRun() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "run [flags] FILE.wasm EXPORT [ARG…]",
		Short: "Call a function of a WebAssembly module, or pass lines through a stage",
		Long: `Run calls a function that a module exports and prints its result as JSON (null
for nothing). An argument that is JSON is the value that it means, anything else
is a text: 7 is a number, "7" with its quotes and 10.1.2.3 are texts. What begins
with - goes behind a --.

The exports sluice_alert and sluice_event are stages: they take a file, plain,
gzip or zstd, or - for standard input, and each line of it goes through. Lines
that they return are printed; lines that they drop or refuse are reported. A
result must be one JSON object. Whether an event fits its class is not known
here: test the stage with its mapping for that.

What the module logs goes to standard error. The limits are those of a mapping
that sets none.`,
		Example: `  sluice wasm run risk.wasm risk 10.1.2.3 7 --config '{"weights":{"10.1.":30}}'
  sluice wasm run redact.wasm sluice_alert alerts.json --config '{"words":["password="]}'`,
		Args: atLeast(2, "a module and the name of what to call in it"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.wasmRun(cmd.Context(), config, args[0], args[1], args[2:])
		},
	}
	cmd.Flags().StringVar(&config, "config", "", "the module's config, as JSON")
	return describeExits(cmd, exits{"done", "a call failed", "the call is wrong, or the module cannot be used; a file that does not exist"})
}

func (a *app) wasmRun(ctx context.Context, config, file, export string, args []string) error {
	a.showGuests = true
	a.loader.AllowOutside = true // the module is named in the call
	use := plan.GuestUse{Module: syntax.Module{File: filepath.ToSlash(file)}, Alert: export == "sluice_alert", Event: export == "sluice_event"}
	stage := use.Alert || use.Event
	if !stage {
		use.Functions = []string{export}
	}
	if config != "" {
		v, err := anyJSON(config)
		if err != nil {
			return usagef("--config is not JSON: %w", err)
		}
		use.Module.Config = v
	}
	if stage && len(args) != 1 {
		return usagef("%s is a stage: name one file with its lines, or -", export)
	}
	g, err := a.guests.Load(use)
	if err != nil {
		return usage(err)
	}
	instance, err := g.Open()
	if err != nil {
		return err
	}
	defer instance.Close()
	switch {
	case use.Alert:
		return a.throughStage(ctx, judged(instance.Alert), args[0])
	case use.Event:
		return a.throughStage(ctx, judged(instance.Event), args[0])
	}
	return a.callFunction(&instance, export, args)
}

func (a *app) callFunction(instance *plan.Instance, export string, args []string) error {
	call, err := instance.Func(export)
	if err != nil {
		return err
	}
	values := make([]alert.Value, len(args))
	for i, arg := range args {
		if v, err := anyJSON(arg); err == nil {
			values[i] = alert.From(v)
		} else {
			values[i] = alert.OfText(arg)
		}
	}
	v, err := call(values)
	if err != nil {
		return err
	}
	_, err = a.data().Write(append(v.AppendJSON(nil), '\n'))
	return err
}

// stageFunc is a stage of a guest: a line in, a line or nothing out.
type stageFunc func(line []byte) (out []byte, dropped bool, err error)

// judged returns an error for results of a stage that a run would reject whatever
// the mapping is.
func judged(stage stageFunc) stageFunc {
	scanner := alert.NewSpec(nil, false, alert.Limits{}).NewScanner()
	return func(line []byte) ([]byte, bool, error) {
		out, dropped, err := stage(line)
		if err == nil && !dropped {
			if err = scanner.Scan(string(out)); err != nil {
				err = fmt.Errorf("the result is not a JSON object: %w", err)
			}
		}
		return out, dropped, err
	}
}

// onOneLine joins the lines of an alert that has several, as a run does.
var onOneLine = strings.NewReplacer("\r", " ", "\n", " ")

// throughStage passes the lines of an input through a stage.
func (a *app) throughStage(ctx context.Context, stage stageFunc, name string) error {
	if _, err := os.Stat(name); name != "-" && err != nil {
		return usagef("%s cannot be read: %w: name a file, or -", name, err)
	}
	inputs, err := source.Expand([]string{name}, a.In)
	if err != nil {
		return usage(err)
	}
	failed := 0
	for _, in := range inputs {
		for line, err := range linesOf(ctx, in) {
			if err != nil {
				return err
			}
			if line.Blank {
				continue
			}
			out, dropped, err := stage([]byte(onOneLine.Replace(line.Text)))
			switch {
			case err != nil:
				failed++
				printf(a.Err, "%s:%d: %v\n", line.Origin, line.OriginLine, err)
			case dropped:
				printf(a.Err, "%s:%d: dropped\n", line.Origin, line.OriginLine)
			default:
				if _, err := a.data().Write(append(out, '\n')); err != nil {
					return err
				}
			}
		}
	}
	if failed > 0 {
		return fmt.Errorf("%s failed", plural(failed, "line"))
	}
	return nil
}

// anyJSON reads one value with its numbers as they are written.
func anyJSON(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows after its value")
	}
	return v, nil
}
