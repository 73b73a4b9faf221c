//go:build unix

// Command measure sets sluice beside what people would use in its place, on the
// same alerts: DuckDB, a program written by hand for one mapping, and one that
// reads with encoding/json. The programs take turns, because the speed of a shared
// machine drifts. It first checks that all of them make the same rows, and at the
// end sets the figures against the project's goals.
//
//	measure -rows 1000000 -rounds 5
//	measure -rows 20000 -rounds 1 -only check,A,L
//
// It runs in the folder bench, and needs ../bin/sluice. See README.md there.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// settings are the flags, and where programs and files are.
type settings struct {
	rows, rounds, workers int
	only                  string
	memoryRows            string
	work, bin, sluice     string
	samples, before       string
	json                  string
	keep                  bool
	cpu                   float64
	memory                int
}

func run(args []string, out io.Writer) error {
	s := parse(args)
	if s.rows < 1 || s.rounds < 1 || s.workers < 1 {
		return fmt.Errorf("-rows, -rounds and -workers are at least 1")
	}
	m, err := newMeasurement(s, out)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(s.only, ",") {
		part, ok := parts[name]
		if !ok {
			return fmt.Errorf("-only: there is no part %q; they are check, A, L, R, files, memory, start, allocations and lambda", name)
		}
		if err := part(m); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if !s.keep {
			if err := m.clean(); err != nil {
				return err
			}
		}
	}
	m.judge()
	return m.writeJSON()
}

func parse(args []string) settings {
	s := settings{bin: "bin"}
	flags := flag.NewFlagSet("measure", flag.ExitOnError)
	flags.IntVar(&s.rows, "rows", 1_000_000, "alerts of an input")
	flags.IntVar(&s.rounds, "rounds", 5, "runs of each program, in turns")
	flags.IntVar(&s.workers, "workers", 2, "goroutines or threads of each program")
	flags.StringVar(&s.only, "only", "check,A,L,R,files,memory,start,allocations,lambda", "parts to run, joined by commas")
	flags.StringVar(&s.memoryRows, "memory-rows", "", "alerts of the memory part's inputs, joined by commas (default rows and ten times as many)")
	flags.StringVar(&s.work, "work", "work", "folder for inputs and outputs")
	flags.StringVar(&s.sluice, "sluice", "../bin/sluice", "the program to measure")
	flags.StringVar(&s.samples, "samples", "../testdata/alerts", "sample files or folders of inputs A and L, joined by commas")
	flags.StringVar(&s.before, "before", "", "lambda: bootstrap of an earlier build, to compare with")
	flags.StringVar(&s.json, "json", "", "also write the results to this file (default WORK/results.json)")
	flags.BoolVar(&s.keep, "keep", false, "keep inputs and outputs in the work folder")
	flags.Float64Var(&s.cpu, "cpu", 0.29, "lambda: processors of the function")
	flags.IntVar(&s.memory, "memory", 512, "lambda: MiB of the function")
	flags.Parse(args)
	if flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "measure has no arguments, but %q is one\n", flags.Args())
		os.Exit(2)
	}
	if s.json == "" {
		s.json = filepath.Join(s.work, "results.json")
	}
	return s
}

var parts = map[string]func(*measurement) error{
	"check":       (*measurement).check,
	"A":           func(m *measurement) error { return m.samplesPart("A") },
	"L":           func(m *measurement) error { return m.samplesPart("L") },
	"R":           (*measurement).weekPart,
	"files":       (*measurement).filesPart,
	"memory":      (*measurement).memoryPart,
	"start":       (*measurement).startPart,
	"allocations": (*measurement).allocationsPart,
	"lambda":      (*measurement).lambdaPart,
}
