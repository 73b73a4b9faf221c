// Command duckdb reads a folder of Parquet objects back with DuckDB, a reader
// that shares nothing with the library that wrote them, and prints what it
// sees: the schema, the rows of each day and whether they lie in order of time,
// and the answers to a few queries of the kind that a lake is for.
//
//	duckdb [-class 2001] LAKE
//	duckdb -against OTHER LAKE
//	duckdb copy [-sort] [-unmapped] -o FILE.parquet ALERTS.ndjson
//
// With -against it compares the rows of two lakes instead. duckdb copy does the work
// of the shipped security_finding mapping, as one COPY statement. It exits with 1
// where a file cannot be read, holds rows of another day than its folder's, or
// is not in order of time, and where two lakes differ. DuckDB comes as a C++ library, so
// building this needs a C compiler; that is why it is a module of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "duckdb:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "copy" {
		return runConvert(args[1:])
	}
	flags := flag.NewFlagSet("duckdb", flag.ExitOnError)
	class := flags.Int("class", 2001, "OCSF class of the rows: 2001 or 2004")
	other := flags.String("against", "", "another lake, to compare the rows with")
	flags.Parse(args)
	if flags.NArg() != 1 {
		return fmt.Errorf("usage: duckdb [-class 2001|2004] [-against OTHER] LAKE")
	}
	files, err := parquetFiles(flags.Arg(0))
	if err != nil {
		return err
	}
	db, err := open(0)
	if err != nil {
		return err
	}
	defer db.Close()
	if *other != "" {
		others, err := parquetFiles(*other)
		if err != nil {
			return err
		}
		return against(db, files, others)
	}
	for _, q := range queries(files, *class) {
		if err := show(db, q); err != nil {
			return err
		}
	}
	return inOrder(db, files)
}

func parquetFiles(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".parquet") {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("no *.parquet in %s: give the folder that `sluice run -o` wrote to", dir)
	}
	return files, err
}

// literal writes text as SQL does.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func table(files ...string) string {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = literal(f)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = true, " +
		"hive_types_autocast = false, file_row_number = true, filename = true)"
}
