package main

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// against compares two lakes as bags of rows: how many of each are not in the
// other, whatever files they lie in. The entries of unmapped are sorted first,
// because a map has no order.
func against(db *sql.DB, files, others []string) error {
	names, err := columns(db, files)
	if err != nil {
		return err
	}
	there, err := columns(db, others)
	if err != nil {
		return err
	}
	if !slices.Equal(names, there) {
		return fmt.Errorf("the lakes have other columns: %v and %v", names, there)
	}
	a, b := rows(files, names), rows(others, names)
	for _, q := range []query{
		{"Rows here that are not there", "SELECT * FROM (" + a + " EXCEPT ALL " + b + ") ORDER BY time LIMIT 3"},
		{"Rows there that are not here", "SELECT * FROM (" + b + " EXCEPT ALL " + a + ") ORDER BY time LIMIT 3"},
	} {
		var n int
		if err := db.QueryRow("SELECT count(*) FROM (" + q.sql + ")").Scan(&n); err != nil {
			return fmt.Errorf("%s: %w", q.title, err)
		}
		if n == 0 {
			continue
		}
		if err := show(db, q); err != nil {
			return err
		}
		return fmt.Errorf("the lakes differ: see the first %d above", n)
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM (" + a + ")").Scan(&n); err != nil {
		return err
	}
	fmt.Printf("Both lakes have the same %d rows of %d columns.\n", n, len(names))
	return nil
}

// plainTable reads files without the columns that their folders state.
func plainTable(files []string) string {
	quoted := make([]string, len(files))
	for i, f := range files {
		quoted[i] = literal(f)
	}
	return "read_parquet([" + strings.Join(quoted, ", ") + "], hive_partitioning = false)"
}

func columns(db *sql.DB, files []string) ([]string, error) {
	found, err := db.Query("SELECT column_name FROM (DESCRIBE SELECT * FROM " + plainTable(files) + ") ORDER BY ALL")
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var names []string
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, found.Err()
}

func rows(files, names []string) string {
	chosen := make([]string, len(names))
	for i, name := range names {
		chosen[i] = name
		if name == "unmapped" {
			chosen[i] = "list_sort(map_entries(unmapped)) AS unmapped"
		}
	}
	return "SELECT " + strings.Join(chosen, ", ") + " FROM " + plainTable(files)
}
