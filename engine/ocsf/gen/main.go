// Command gen turns the facts of OCSF versions into one Go file of package ocsf.
//
// The input is one facts file for each version, oldest first: JSON with
// "format": 1 that lists the version's types, objects, classes, profiles and
// categories by name (testdata/small.json shows every key). The output is one
// table of static composite literals in which the versions share what is equal;
// equal input gives equal bytes. Whatever the facts leave unclear (a name that
// refers to nothing, a pattern that Go's regexp does not accept, a key that this
// program would drop) is an error, and nothing is written.
//
// To add a version, run this for all of them:
//
//	go run ./engine/ocsf/gen -in OLDER.json -in NEWER.json -out engine/ocsf/facts_gen.go
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

// run is main without the process. It reports faults of the command line on
// stderr and returns errUsage for them.
func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("gen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var in []string
	flags.Func("in", "facts `file` to read (required; repeat it for each version, oldest first)", func(file string) error {
		in = append(in, file)
		return nil
	})
	out := flags.String("out", "", "Go file to write (required)")
	if err := flags.Parse(args); err != nil {
		return errUsage
	}
	if len(in) == 0 || *out == "" || flags.NArg() > 0 {
		fmt.Fprintln(stderr, "gen: give -in FACTS.json, once for each version, and -out FILE.go, and nothing else")
		flags.Usage()
		return errUsage
	}
	inputs := make([]input, len(in))
	for i, file := range in {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("reading the facts: %w", err)
		}
		inputs[i] = input{file, data}
	}
	source, notes, err := generate(inputs)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(stderr, "gen:", note)
	}
	return os.WriteFile(*out, source, 0o644)
}

// input is one facts file.
type input struct {
	name string
	data []byte
}

// generate turns facts into gofmt'ed Go source, with notes on what it left out.
// Errors name the file.
func generate(inputs []input) (source []byte, notes []string, err error) {
	all := make([]*facts, len(inputs))
	for i, in := range inputs {
		if all[i], err = decode(bytes.NewReader(in.data)); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", in.name, err)
		}
	}
	t := newTable(all)
	for i, f := range all {
		if err := t.add(f); err != nil {
			return nil, nil, fmt.Errorf("%s: %w", inputs[i].name, err)
		}
	}
	source, err = t.source()
	return source, t.notes, err
}
