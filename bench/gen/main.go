// Command gen writes many alerts made from few: the lines of sample files,
// drawn at random, each with an id, a time, an agent and a log line of its own.
//
//	gen -samples ../testdata/alerts -n 1000000 -o work/alerts.ndjson
//
// Times ascend but for a jitter of two seconds and are spread over -days days,
// as they are in a manager's own file. The same flags and samples give the
// same bytes on every machine.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

type settings struct {
	samples string
	out     string
	lines   int
	days    int
	longest int
	seed    uint64
	start   string
	fill    bool
}

func run(args []string) error {
	var s settings
	flags := flag.NewFlagSet("gen", flag.ExitOnError)
	flags.StringVar(&s.samples, "samples", "../testdata/alerts", "sample files or folders, joined by commas")
	flags.StringVar(&s.out, "o", "-", "file to write, - for standard output")
	flags.IntVar(&s.lines, "n", 1_000_000, "alerts to write")
	flags.IntVar(&s.days, "days", 2, "UTC days that the times are spread over")
	flags.IntVar(&s.longest, "longest", 16<<10, "samples of more bytes than this are left out")
	flags.Uint64Var(&s.seed, "seed", 1, "seed of the random choices")
	flags.StringVar(&s.start, "start", "2026-03-14", "first day")
	flags.BoolVar(&s.fill, "fill", false, "give alerts without a full_log a syslog line")
	flags.Parse(args)

	start, err := time.Parse(time.DateOnly, s.start)
	if err != nil {
		return fmt.Errorf("-start %q is not a day such as 2026-03-14: %w", s.start, err)
	}
	if s.lines < 0 || s.days < 1 {
		return fmt.Errorf("-n %d -days %d: there must be at least 0 alerts and 1 day", s.lines, s.days)
	}
	samples, err := readSamples(s)
	if err != nil {
		return err
	}
	if s.out == "-" {
		return write(os.Stdout, samples, start, s)
	}
	f, err := os.Create(s.out)
	if err != nil {
		return fmt.Errorf("the output cannot be made: %w", err)
	}
	if err := write(f, samples, start, s); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// write makes s.lines alerts out of the samples. One generator of random
// numbers, used in one order, is what makes the output repeatable.
func write(w io.Writer, samples []sample, start time.Time, s settings) error {
	out := bufio.NewWriterSize(w, 1<<20)
	rng := rand.New(rand.NewPCG(s.seed, 0))
	span := time.Duration(s.days) * 24 * time.Hour
	const jitter = 2 * time.Second
	step := (span - jitter) / time.Duration(max(s.lines, 1))
	var line []byte
	for i := range s.lines {
		f := filling{
			serial: i,
			time:   start.Add(time.Duration(i)*step + time.Duration(rng.Int64N(int64(jitter)))),
			agent:  agents[rng.IntN(len(agents))],
			random: rng.Uint64(),
		}
		line = samples[rng.IntN(len(samples))].appendTo(line[:0], f)
		line = append(line, '\n')
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("alert %d could not be written: %w", i+1, err)
		}
	}
	return out.Flush()
}
