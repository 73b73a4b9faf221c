//go:build unix

// Command timed runs another command and adds a line to a file: a name, the
// seconds it took by the wall and on all processors, and the most memory it held
// (in KiB on Linux). It stands in for /usr/bin/time, which not every machine has.
//
//	timed -name sluice -to work/times ../bin/sluice run …
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "timed:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("timed", flag.ExitOnError)
	name := flags.String("name", "command", "name in the line that is added")
	to := flags.String("to", "/dev/stderr", "file that the line is added to")
	flags.Parse(args)
	if flags.NArg() == 0 {
		return fmt.Errorf("usage: timed [-name NAME] [-to FILE] COMMAND [ARGUMENT…]")
	}
	cmd := exec.Command(flags.Arg(0), flags.Args()[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	seconds := time.Since(start).Seconds()
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("this system does not tell how much memory %s held", flags.Arg(0))
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	f, err := os.OpenFile(*to, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(f, "%s %.3f %.3f %d\n", *name, seconds, cpu.Seconds(), usage.Maxrss); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
