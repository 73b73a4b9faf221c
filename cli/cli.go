// Package cli is the command line: a thin front door onto the same run that
// the Lambda makes.
//
//	arguments, environment ──► configuration ──► pipeline ──► summary, exit code
//
// One file for each command; streams are injected, so tests run the real
// thing. Data goes to stdout, messages to stderr. The exit code comes from the
// error: 0 everything written, 1 failed, 2 usage or mapping error, 3 finished
// with rejects.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Main runs the command line until it is done or the process is asked to stop
// (SIGINT, SIGTERM), and returns the exit code. It is for main functions; Run
// takes a context and an environment of the caller's.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	failedWritesAreErrors()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, Streams{stdin, stdout, stderr}, os.Getenv)
}

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run runs one command line and returns its exit code. Getenv is asked for the
// environment variables that are defaults of flags.
func Run(ctx context.Context, args []string, streams Streams, getenv func(string) string) int {
	a := &app{Streams: streams, getenv: getenv, begun: time.Now()}
	a.newGuests(ctx)
	root := a.newRoot()
	root.SetArgs(longRun(args))
	err := errors.Join(root.ExecuteContext(ctx), a.guests.Close())
	if err == nil {
		return 0
	}
	if message := err.Error(); message != "" {
		fmt.Fprintln(streams.Err, "sluice: "+message)
	}
	return exitCode(err)
}

// app is what every command has at hand.
type app struct {
	Streams
	getenv func(string) string
	begun  time.Time
	guests *mapping.Guests
	// showGuests is set by commands that try guests, before any is loaded.
	showGuests bool
}

func (a *app) elapsed() time.Duration { return time.Since(a.begun) }

func (a *app) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "sluice",
		Short:         "Wazuh alerts into OCSF events in an Amazon Security Lake",
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetVersionTemplate("{{.Version}}")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.newRun(), a.newCheck(), a.newTest(), a.newExplain(), a.newInit(), a.newInspect(), a.newSchema(), a.newWasm(), a.newVersion())
	return root
}

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage marks what the user can only mend in the call or in a mapping.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{2, err}
}

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// errSilent has been said already; only its exit code is left to give.
var errSilent = errors.New("")

func exitCode(err error) int {
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	advice := spelling.DidYouMean(name, names)
	if advice == "" {
		advice = "; the commands are " + strings.Join(names, ", ")
	}
	return usagef("there is no command `%s`%s", name, advice)
}

// flagError names the nearest flag where one is close.
func flagError(cmd *cobra.Command, err error) error {
	message := err.Error()
	if name, ok := strings.CutPrefix(message, "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := spelling.Nearest(name, names); near != "" {
			return usagef("%s has no flag --%s; did you mean --%s?", cmd.CommandPath(), name, near)
		}
		return usagef("%s has no flag --%s; see `%s --help`", cmd.CommandPath(), name, cmd.CommandPath())
	}
	return usagef("%s; see `%s --help`", message, cmd.CommandPath())
}

// atLeast asks for arguments in words.
func atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return usagef("%s needs %s; see `%s --help`", cmd.CommandPath(), what, cmd.CommandPath())
		}
		return nil
	}
}

func none(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
