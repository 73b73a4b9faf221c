// Command floor does the work of `sluice run` with the shipped security_finding
// mapping, without its column unmapped, as fast as a careful person would write
// it by hand for this one mapping. It shows how low the cost of a general tool
// could be.
//
//	floor -workers 2 -o work/floor.parquet work/L.ndjson
//
// The rules are compiled in; its scanner reads the wanted members only and skips
// the rest by brackets and quotes; what repeats (groups, techniques, controls)
// is recognised by its bytes. Each worker fills row groups of its own, column by
// column, and all go into one file. It does less than sluice: nothing is sorted
// or split by day, a value that is skipped is not checked, the first bad line
// ends the run, and documents of the indexer are not unwrapped.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("floor", flag.ExitOnError)
	out := flags.String("o", "floor.parquet", "file to write")
	workers := flags.Int("workers", 2, "goroutines that map and write")
	flags.Parse(args)
	if flags.NArg() != 1 || *workers < 1 {
		return fmt.Errorf("usage: floor [-o FILE] [-workers N] ALERTS.ndjson")
	}
	runtime.GOMAXPROCS(*workers)
	debug.SetGCPercent(400)
	start := time.Now()
	rows, err := convert(flags.Arg(0), *out, *workers)
	if err != nil {
		return err
	}
	fmt.Printf("%.3f s, %d rows\n", time.Since(start).Seconds(), rows)
	return nil
}
