// Package cli is the command line: a thin front door onto the same run that
// the Lambda makes.
//
//	arguments, environment ──► configuration ──► pipeline ──► summary, exit code
//
// Each command has a file of its own. Streams are injected, so tests run the real
// thing. Data goes to stdout, messages to stderr. The exit code comes from the
// error (see exits); a reader of stdout that closes it early ends the command
// without a message.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/settings"
)

// Main runs the command line until it is done or the process is asked to stop
// (SIGINT, SIGTERM), and returns the exit code. A command that does not stop in time,
// or a second signal, ends the process. Main is for main functions; Run takes a
// context and an environment from its caller.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ignoreClosedPipes()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		cancel()
		awaitSecond(signals)
		printf(&messages{to: stderr}, "sluice: interrupted before it could stop: what is not written is not there, and the next run removes what this one left behind\n")
		os.Exit(1)
	}()
	processors := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(processors + 1) // see app.processors
	return run(ctx, args, Streams{stdin, stdout, stderr}, os.Getenv, os.Environ(), processors)
}

// stopTime is how long a command may take to stop: what a person or a service manager
// waits, less the time to end.
const stopTime = 3 * time.Second

// sameSignal is how long further signals are the first one: `timeout` and others signal the
// process, and then its whole group.
const sameSignal = 250 * time.Millisecond

// awaitSecond waits for a second signal, or for as long as a command may take to stop.
func awaitSecond(signals <-chan os.Signal) {
	first, end := time.Now(), time.After(stopTime)
	for {
		select {
		case <-end:
			return
		case <-signals:
			if time.Since(first) > sameSignal {
				return
			}
		}
	}
}

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run runs one command line and returns its exit code. Getenv gives the
// environment variables that are defaults of flags.
func Run(ctx context.Context, args []string, streams Streams, getenv func(string) string) int {
	return run(ctx, args, streams, getenv, nil, runtime.GOMAXPROCS(0))
}

func run(ctx context.Context, args []string, streams Streams, getenv func(string) string, environ []string, processors int) int {
	out := &pipe{Writer: streams.Out}
	a := &app{
		Streams: Streams{streams.In, out, &messages{to: streams.Err}}, stdout: out,
		getenv: getenv, environ: environ, processors: processors, begun: time.Now(), logged: &guestLogs{},
	}
	a.newGuests(ctx)
	root := a.newRoot(args)
	args = longRun(args)
	err := knownCommand(root, args)
	if err == nil {
		root.SetArgs(args)
		err = root.ExecuteContext(ctx)
	}
	err = errors.Join(err, a.guests.Close())
	if out.closed.Load() {
		return closedPipe
	}
	lost := out.lost(err)
	if lost != nil {
		printf(a.Err, "sluice: %s\n", lost)
	}
	switch {
	case err == nil && lost == nil:
		return 0
	case err != nil && err.Error() != "":
		printf(a.Err, "sluice: %s\n", err)
	}
	if lost != nil {
		return 1
	}
	return exitCode(err)
}

// app is what every command uses.
type app struct {
	Streams
	stdout *pipe // Out
	getenv func(string) string
	// environ are all variables as NAME=VALUE, nil where they are not known.
	environ []string
	// processors is how many goroutines have work for a processor at a time. Main lets one more
	// run: whoever waits for a disk's flush keeps its place, which the runtime gives to another
	// only after milliseconds.
	processors int
	given      settings.Settings // that the command read last
	begun      time.Time
	loader     mapping.Loader
	guests     *mapping.Guests
	// showGuests is set by commands that try guests, before any is loaded. The
	// others collect what guests log.
	showGuests bool
	logged     *guestLogs
}

func (a *app) elapsed() time.Duration { return time.Since(a.begun) }

// newRoot makes the commands that arguments may name: for a run, whose start counts, that one
// only.
func (a *app) newRoot(args []string) *cobra.Command {
	root := &cobra.Command{
		Use:           "sluice",
		Short:         "Wazuh alerts into OCSF events in an Amazon Security Lake",
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,

		PersistentPreRunE: nothingEmpty,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetVersionTemplate("{{.Version}}")
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.newRun())
	if len(args) > 0 && args[0] == "run" {
		return root
	}
	root.AddCommand(a.newFollow(), a.newPull(), a.newState(), a.newReplay(), a.newRejects())
	root.AddCommand(a.newCompact(), a.newLake(), a.newSource(), a.newDoctor(), a.newVerify(), a.newInspect())
	root.AddCommand(a.newCheck(), a.newTest(), a.newExplain(), a.newEval(), a.newProfile(), a.newDiff())
	root.AddCommand(a.newInit(), a.newSchema(), a.newStudio(), a.newWasm(), a.newVersion())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		for _, shell := range completion.Commands() {
			shell.Args = none
		}
	}
	return root
}

// exitError is an error with an exit code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// usage marks an error that the user can only fix in the call or in a mapping.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{2, err}
}

func usagef(format string, args ...any) error { return usage(fmt.Errorf(format, args...)) }

// errSilent has been reported already; only its exit code is left to return.
var errSilent = errors.New("")

func exitCode(err error) int {
	var e *exitError
	if errors.As(err, &e) {
		return e.code
	}
	return 1
}
