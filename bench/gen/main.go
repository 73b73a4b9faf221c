// Command gen writes many alerts: one of the inputs A, L and R of package alerts.
//
//	gen -input R -n 1000000 -o work/R.ndjson
//	gen -input L -n 1000000 -files 10000 -o work/L-10000
//
// With -files the alerts are spread over so many files of a folder, in order.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/sluice-lake/sluice/bench/alerts"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	var s alerts.Settings
	flags := flag.NewFlagSet("gen", flag.ExitOnError)
	flags.StringVar(&s.Input, "input", "R", "A: samples repeated; L: the same, each with a full_log of its own; R: a varied week")
	flags.StringVar(&s.Samples, "samples", "../testdata/alerts", "A and L: sample files or folders, joined by commas")
	flags.IntVar(&s.Lines, "n", 1_000_000, "alerts to write")
	flags.IntVar(&s.Days, "days", 0, "UTC days that the times are spread over (default 7 for R, 2 for A and L)")
	flags.IntVar(&s.Longest, "longest", 16<<10, "A and L: samples of more bytes than this are left out")
	flags.Uint64Var(&s.Seed, "seed", 1, "seed of the random choices")
	flags.Float64Var(&s.Odd, "odd", 0.005, "R: share of alerts that are odd in some way, 0 to 1")
	start := flags.String("start", "2026-03-14", "first day")
	out := flags.String("o", "-", "file, or with -files folder, to write; - for standard output")
	files := flags.Int("files", 0, "write so many files into the folder -o")
	flags.Parse(args)

	day, err := time.Parse(time.DateOnly, *start)
	if err != nil {
		return fmt.Errorf("-start %q is not a day such as 2026-03-14: %w", *start, err)
	}
	s.Start = day
	if s.Days == 0 {
		s.Days = map[string]int{"R": 7}[s.Input]
		s.Days = max(s.Days, 2)
	}
	switch {
	case *files > 0:
		return alerts.WriteFiles(*out, (s.Lines+*files-1) / *files, s)
	case *out == "-":
		return alerts.Write(os.Stdout, s)
	}
	f, err := os.Create(*out)
	if err != nil {
		return fmt.Errorf("the output cannot be made: %w", err)
	}
	if err := alerts.Write(f, s); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
