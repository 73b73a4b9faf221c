package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

type inspectFlags struct {
	json bool
	rows int
}

func (a *app) newInspect() *cobra.Command {
	var f inspectFlags
	cmd := &cobra.Command{
		Use:   "inspect FILE|DIR…",
		Short: "Show what is in Parquet files: schema, row groups, pages, order, days, first rows",
		Long: `Inspect reads any Parquet file. For a folder it reads every .parquet file below
it, and reports when their schemas differ: a lake whose files disagree cannot be
queried.`,
		Args: atLeast(1, "a Parquet file or a folder of them"),
		RunE: func(_ *cobra.Command, args []string) error { return a.inspect(&f, args) },
	}
	cmd.Flags().BoolVar(&f.json, "json", false, "one JSON object a file on stdout")
	cmd.Flags().IntVar(&f.rows, "rows", 2, "how many rows of each file to show")
	return describeExits(cmd, exits{"shown", "failed: a file is not Parquet, or a folder has none", "the call is wrong: a file or folder does not exist"})
}

func (a *app) inspect(f *inspectFlags, args []string) error {
	if f.rows < 0 {
		return usagef("--rows is %d: give 0 or more", f.rows)
	}
	files, err := parquetFiles(args)
	if err != nil {
		return err
	}
	var errs []error
	schema := ""
	for _, name := range files {
		facts, rows, err := inspectFile(name, f.rows)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		if f.json {
			err = printFactsJSON(a.data(), name, facts, rows)
		} else {
			err = printFacts(a.Out, name, facts, rows, schema)
			schema = facts.Schema
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(errs...)
}

// parquetFiles lists the files named, and the .parquet files of folders named.
func parquetFiles(args []string) ([]string, error) {
	var files []string
	var errs []error
	for _, arg := range args {
		found := len(files)
		err := filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (name == arg || filepath.Ext(name) == ".parquet") {
				files = append(files, name)
			}
			return err
		})
		switch {
		case errors.Is(err, fs.ErrNotExist):
			errs = append(errs, usagef("%s cannot be read: %w: check the name", arg, err))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s cannot be read: %w", arg, err))
		case len(files) == found:
			errs = append(errs, fmt.Errorf("%s has no .parquet file in it", arg))
		}
	}
	return files, errors.Join(errs...)
}

func inspectFile(name string, limit int) (*inspect.Facts, [][]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close() // only read
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	facts, err := inspect.File(file, info.Size())
	if err != nil {
		return nil, nil, err
	}
	var rows [][]byte
	for row, err := range inspect.Rows(file, info.Size(), limit) {
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, bytes.Clone(row))
	}
	return facts, rows, nil
}

// printFacts shows one file. The schema is shown when it is not that of the
// file before.
func printFacts(w io.Writer, name string, f *inspect.Facts, rows [][]byte, before string) error {
	var t sheet
	t.line("%s", name)
	t.line("  rows         %d in %s, %s, %s", f.Rows, plural(len(f.Groups), "row group"), size(f.Bytes), strings.Join(f.Codecs, ", "))
	t.line("  created by   %s", f.CreatedBy)
	for _, kv := range f.KeyValues {
		t.line("  %-12s %s", kv.Key, shortened(kv.Value, 100))
	}
	if at := f.Time; at != nil && f.Rows > at.Nulls {
		order := "in order of time"
		if !at.Sorted {
			order = "NOT in order of time"
		}
		t.line("  time         %s to %s, %s", utc(at.Min), utc(at.Max), order)
		t.line("  days         %s", strings.Join(at.Days, ", "))
	}
	for i, g := range f.Groups {
		t.line("  row group %-2d %d rows, %s packed, %s plain, %d pages, largest %d bytes (%s)", i, g.Rows,
			size(g.CompressedBytes), size(g.PlainBytes), g.DataPages, g.LargestPage, g.LargestPageColumn)
	}
	switch {
	case before == "":
		t.line("  schema\n    %s", cleanLines(strings.ReplaceAll(f.Schema, "\n", "\n    ")))
	case before != f.Schema:
		t.line("  schema DIFFERS from that of the file before\n    %s", cleanLines(strings.ReplaceAll(f.Schema, "\n", "\n    ")))
	default:
		t.line("  schema       as above")
	}
	if err := printRows(&t.b, rows); err != nil {
		return err
	}
	return t.writeTo(w)
}

func utc(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func shortened(s string, most int) string {
	runes := []rune(strings.ReplaceAll(s, "\n", " "))
	if len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return string(runes)
}
