package main

import (
	"database/sql"
	"fmt"
)

// against compares two lakes as bags of rows: how many of each are not in the
// other, whatever files they lie in. The entries of unmapped are sorted first,
// because a map has no order.
func against(db *sql.DB, files, others []string) error {
	rows := func(files []string) string {
		return "SELECT * EXCLUDE (filename, file_row_number) REPLACE (list_sort(map_entries(unmapped)) AS unmapped) FROM " + table(files...)
	}
	here, there := rows(files), rows(others)
	for _, q := range []query{
		{"Rows here that are not there", "SELECT * FROM (" + here + " EXCEPT ALL " + there + ") ORDER BY time LIMIT 3"},
		{"Rows there that are not here", "SELECT * FROM (" + there + " EXCEPT ALL " + here + ") ORDER BY time LIMIT 3"},
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
	if err := db.QueryRow("SELECT count(*) FROM (" + here + ")").Scan(&n); err != nil {
		return err
	}
	fmt.Printf("Both lakes have the same %d rows.\n", n)
	return nil
}
