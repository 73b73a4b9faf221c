// Command plain does the work of `sluice run` with the shipped
// security_finding mapping in the plain way: encoding/json into maps, a Go
// struct for the event, one goroutine for each worker, and the Parquet writer
// of structs. It is what sluice is measured against.
//
//	plain -workers 2 -o work/plain work/alerts.ndjson
//
// It makes the same rows, but a different number of files: each worker has its
// own. Lines that are not alerts are counted and left out.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("plain", flag.ExitOnError)
	out := flags.String("o", "lake", "folder to write to")
	workers := flags.Int("workers", 2, "goroutines that map and write")
	flags.Parse(args)
	if flags.NArg() == 0 || *workers < 1 {
		return fmt.Errorf("usage: plain [-o DIR] [-workers N] FILE…")
	}
	start := time.Now()
	total, err := convert(flags.Args(), *out, *workers)
	if err != nil {
		return err
	}
	fmt.Printf("%.3f s, %d lines, %d rows, %d rejects, %d files\n", time.Since(start).Seconds(),
		total.lines.Load(), total.rows.Load(), total.rejects.Load(), total.files.Load())
	return nil
}

type tally struct{ lines, rows, rejects, files atomic.Int64 }

// convert reads the files in order; workers map batches of lines as they come.
func convert(files []string, out string, workers int) (*tally, error) {
	total := new(tally)
	batches := make(chan [][]byte, workers*2)
	failed := make(chan error, workers)
	var group sync.WaitGroup
	for n := range workers {
		group.Go(func() {
			w := newWriter(out, n, total)
			if err := work(batches, w, total); err != nil {
				failed <- err
				for range batches { // let the reader come to its end
				}
			}
		})
	}
	err := read(files, batches, total)
	close(batches)
	group.Wait()
	if err != nil {
		return nil, err
	}
	select {
	case err := <-failed:
		return nil, err
	default:
		return total, nil
	}
}

func work(batches <-chan [][]byte, w *writer, total *tally) error {
	for batch := range batches {
		for _, line := range batch {
			f, err := mapLine(line)
			if err != nil {
				total.rejects.Add(1)
				continue
			}
			if err := w.add(f); err != nil {
				return err
			}
		}
	}
	return w.close()
}

func read(files []string, batches chan<- [][]byte, total *tally) error {
	const size = 512
	batch := make([][]byte, 0, size)
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(make([]byte, 1<<20), 16<<20)
		for lines.Scan() {
			total.lines.Add(1)
			batch = append(batch, append([]byte(nil), lines.Bytes()...))
			if len(batch) == size {
				batches <- batch
				batch = make([][]byte, 0, size)
			}
		}
		f.Close()
		if err := lines.Err(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	batches <- batch
	return nil
}
