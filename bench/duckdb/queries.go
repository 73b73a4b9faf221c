package main

import (
	"database/sql"
	"fmt"
	"os"
	"text/tabwriter"
)

type query struct{ title, sql string }

// queries are the same questions for both classes, whose rows keep the
// techniques and the title in different places.
func queries(files []string, class int) []query {
	attacks, title := "attacks", "finding.title"
	if class == 2004 {
		attacks, title = "finding_info.attacks", "finding_info.title"
	}
	from := " FROM " + table(files...)
	return []query{
		{"Schema", "DESCRIBE SELECT * EXCLUDE (filename, file_row_number)" + from},
		{"Types in the files", "SELECT DISTINCT name, type, converted_type, logical_type FROM parquet_schema(" +
			"[" + literal(files[0]) + "]) WHERE name IN ('time', 'severity_id', 'type_uid', 'unmapped', 'key_value', 'list', 'element') ORDER BY ALL"},
		{"Rows of each day", "SELECT eventDay, count(DISTINCT filename) AS files, count(*) AS rows, " +
			"min(epoch_ms(time)) AS first, max(epoch_ms(time)) AS last" + from + " GROUP BY 1 ORDER BY 1"},
		{"Codec, row groups and pages", "SELECT DISTINCT compression, count(DISTINCT (file_name, row_group_id)) AS row_groups, " +
			"max(total_uncompressed_size) AS largest_chunk FROM parquet_metadata([" + literal(files[0]) + "]) GROUP BY 1"},
		{"Severities", "SELECT severity_id, severity, count(*) AS rows" + from + " GROUP BY ALL ORDER BY 1"},
		{"Techniques", "SELECT " + attacks + "[1].technique.uid AS technique, " + attacks + "[1].technique.name AS name, " +
			"count(*) AS rows" + from + " WHERE len(" + attacks + ") > 0 GROUP BY ALL ORDER BY rows DESC, 1, 2 LIMIT 10"},
		{"Source addresses", "SELECT unmapped['data.srcip'] AS srcip, any_value(" + title + ") AS title, count(*) AS rows" +
			from + " WHERE unmapped['data.srcip'] IS NOT NULL GROUP BY 1 ORDER BY rows DESC, 1 LIMIT 10"},
		{"Most frequent keys of unmapped", "SELECT key, count(*) AS rows FROM (SELECT unnest(map_keys(unmapped)) AS key" + from +
			") GROUP BY 1 ORDER BY rows DESC, 1 LIMIT 10"},
	}
}

// show prints the answer as a table.
func show(db *sql.DB, q query) error {
	rows, err := db.Query(q.sql)
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", q.title, err, q.sql)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, targets := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	fmt.Printf("\n%s\n", q.title)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, n := range names {
		fmt.Fprintf(w, "%s\t", n)
	}
	fmt.Fprintln(w)
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("%s: %w", q.title, err)
		}
		for _, v := range values {
			fmt.Fprintf(w, "%v\t", v)
		}
		fmt.Fprintln(w)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", q.title, err)
	}
	return w.Flush()
}

// inOrder tells of every file whose rows go back in time or belong to another
// day than the one in its path.
func inOrder(db *sql.DB, files []string) error {
	bad := 0
	for _, f := range files {
		var back, elsewhere int
		err := db.QueryRow("SELECT count(*) FILTER (time < before), count(*) FILTER (day <> eventDay) FROM ("+
			"SELECT time, eventDay, strftime(epoch_ms(time), '%Y%m%d') AS day, "+
			"lag(time) OVER (ORDER BY file_row_number) AS before FROM "+table(f)+")").Scan(&back, &elsewhere)
		if err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
		if back > 0 || elsewhere > 0 {
			bad++
			fmt.Printf("%s: %d rows earlier than the one before, %d of another day\n", f, back, elsewhere)
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files are out of order or in the wrong folder", bad, len(files))
	}
	fmt.Printf("\nAll %d files are in order of time and in the folder of their day.\n", len(files))
	return nil
}
