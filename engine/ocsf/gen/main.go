// Command gen turns the facts of one OCSF version into a Go file of package
// ocsf.
//
// In comes a facts file: JSON with "format": 1 that lists the version's types,
// objects, classes, profiles and categories by name (testdata/small.json shows
// every key). Out goes one table of static composite literals; equal input gives
// equal bytes. Whatever the facts leave unclear (a name that refers to
// nothing, a pattern that Go's regexp does not take, a key that this program
// would drop) is an error and nothing is written.
//
// To add a version: run this for it, then add the new variable to `versions`
// in load.go.
//
//	go run ./engine/ocsf/gen -in FACTS.json -out engine/ocsf/v1_1_0_gen.go
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

var errUsage = errors.New("usage")

func main() {
	err := run(os.Args[1:], os.Stderr)
	if errors.Is(err, errUsage) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run is main without the process. Faults of the command line are told on
// stderr and come back as errUsage.
func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	in := flags.String("in", "", "facts file to read (required)")
	out := flags.String("out", "", "Go file to write (required)")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	if *in == "" || *out == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "gen: give both -in FACTS.json and -out FILE.go, and nothing else")
		flags.Usage()
		return errUsage
	}
	data, err := os.ReadFile(*in)
	if err != nil {
		return fmt.Errorf("reading the facts: %w", err)
	}
	source, err := generate(data)
	if err != nil {
		return fmt.Errorf("%s: %w", *in, err)
	}
	return os.WriteFile(*out, source, 0o644)
}

// generate is the whole way from the facts to gofmt'ed Go source.
func generate(data []byte) ([]byte, error) {
	facts, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	table, err := compact(facts)
	if err != nil {
		return nil, err
	}
	return table.source()
}
