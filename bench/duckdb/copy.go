package main

import (
	"database/sql"
	"flag"
	"fmt"
	"os"
	"strings"
)

// convertOptions say how the alerts of a file become a Parquet file.
type convertOptions struct {
	input, output string
	threads       int
	sorted        bool
	unmapped      bool
	depth         int
	odd           bool
}

// runConvert does the work of the shipped security_finding mapping in one COPY.
func runConvert(args []string) error {
	var o convertOptions
	flags := flag.NewFlagSet("duckdb copy", flag.ExitOnError)
	flags.StringVar(&o.output, "o", "duckdb.parquet", "file to write")
	flags.IntVar(&o.threads, "threads", 2, "threads")
	flags.BoolVar(&o.sorted, "sort", false, "ORDER BY time")
	flags.BoolVar(&o.unmapped, "unmapped", false, "make the column unmapped too")
	flags.IntVar(&o.depth, "depth", 5, "objects and lists inside data and syscheck that are taken apart; what lies deeper stays JSON")
	flags.BoolVar(&o.odd, "odd", false, "go on at alerts that do not fit, at some cost in speed")
	print := flags.Bool("sql", false, "print the SQL and do not run it")
	flags.Parse(args)
	if flags.NArg() != 1 {
		return fmt.Errorf("usage: duckdb copy [flags] FILE")
	}
	o.input = flags.Arg(0)
	if *print {
		fmt.Println(o.sql())
		return nil
	}
	db, err := open(o.threads)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, text := range []string{fmt.Sprintf("SET preserve_insertion_order = %t", o.sorted), o.sql()} {
		if _, err := db.Exec(text); err != nil {
			return fmt.Errorf("%s: %w", o.input, err)
		}
	}
	info, err := os.Stat(o.output)
	if err != nil {
		return err
	}
	fmt.Printf("%s: %d bytes\n", o.output, info.Size())
	return nil
}

func open(threads int) (*sql.DB, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	settings := []string{"SET TimeZone = 'UTC'"}
	if threads > 0 {
		settings = append(settings, fmt.Sprintf("SET threads = %d", threads))
	}
	for _, text := range settings {
		if _, err := db.Exec(text); err != nil {
			db.Close()
			return nil, err
		}
	}
	return db, nil
}

func (o convertOptions) sql() string {
	var b strings.Builder
	fmt.Fprintf(&b, "COPY (\nWITH alerts AS (\n%s),\nlists AS (\n%s)\nSELECT\n%s\nFROM lists", o.alerts(), listsSQL, o.event())
	if o.sorted {
		b.WriteString("\nORDER BY time")
	}
	fmt.Fprintf(&b, "\n) TO %s (FORMAT parquet, COMPRESSION zstd)", literal(o.output))
	return b.String()
}

// alerts reads the members that the mapping wants, typed; for unmapped all that
// the alerts are known to have.
func (o convertOptions) alerts() string {
	rule := "id VARCHAR, level INTEGER, description VARCHAR, firedtimes INTEGER, groups VARCHAR[], nist_800_53 VARCHAR[], " +
		"mitre STRUCT(id VARCHAR[], technique VARCHAR[], tactic VARCHAR[])"
	agent, decoder, more := "id VARCHAR, name VARCHAR", "name VARCHAR", ""
	if o.unmapped {
		rule += ", mail VARCHAR, pci_dss VARCHAR[], gpg13 VARCHAR[], gdpr VARCHAR[], hipaa VARCHAR[], tsc VARCHAR[]"
		agent += ", ip VARCHAR"
		decoder += ", parent VARCHAR, ftscomment VARCHAR"
		more = ", cluster: 'STRUCT(name VARCHAR, node VARCHAR)', previous_output: 'VARCHAR', " +
			"predecoder: 'STRUCT(program_name VARCHAR, timestamp VARCHAR, hostname VARCHAR)', data: 'JSON', syscheck: 'JSON'"
	}
	odd := ""
	if o.odd {
		odd = ", ignore_errors = true"
	}
	return fmt.Sprintf(`  SELECT * FROM read_json(%s, format = 'newline_delimited', maximum_object_size = 4194304%s, columns = {
    timestamp: 'VARCHAR', "@timestamp": 'VARCHAR', id: 'VARCHAR', full_log: 'VARCHAR', location: 'VARCHAR', _index: 'VARCHAR',
    rule: 'STRUCT(%s)', agent: 'STRUCT(%s)', manager: 'STRUCT(name VARCHAR)', decoder: 'STRUCT(%s)', input: 'STRUCT(type VARCHAR)'%s})
`, literal(o.input), odd, rule, agent, decoder, more)
}

// listsSQL makes what several attributes need: the distinct tactics in their
// order, the pairs of ids and names of techniques, and the tactic that goes with
// all techniques.
var listsSQL = `  SELECT *,
    CASE WHEN list_unique(rule.mitre.tactic) = len(rule.mitre.tactic) THEN rule.mitre.tactic
      ELSE list_filter(rule.mitre.tactic, lambda t, i: list_position(rule.mitre.tactic, t) = i) END AS tactics,
    CASE WHEN rule.mitre.id IS NULL AND rule.mitre.technique IS NULL THEN NULL
      WHEN len(rule.mitre.id) = len(rule.mitre.technique)
      THEN list_transform(rule.mitre.id, lambda x, i: {'id': x, 'name': rule.mitre.technique[i]})
      ELSE list_concat(list_transform(rule.mitre.id, lambda x: {'id': x, 'name': NULL::VARCHAR}),
        list_transform(rule.mitre.technique, lambda x: {'id': NULL::VARCHAR, 'name': x})) END AS techniques,
    CASE WHEN len(tactics) = 1 THEN ` + tactic("tactics[1]") + ` END AS lone
  FROM alerts
`

// tacticsSQL is the table of the ids that Wazuh does not give.
const tacticsSQL = `CASE %[1]s WHEN 'Reconnaissance' THEN 'TA0043' WHEN 'Resource Development' THEN 'TA0042'
  WHEN 'Initial Access' THEN 'TA0001' WHEN 'Execution' THEN 'TA0002' WHEN 'Persistence' THEN 'TA0003'
  WHEN 'Privilege Escalation' THEN 'TA0004' WHEN 'Defense Evasion' THEN 'TA0005' WHEN 'Credential Access' THEN 'TA0006'
  WHEN 'Discovery' THEN 'TA0007' WHEN 'Lateral Movement' THEN 'TA0008' WHEN 'Collection' THEN 'TA0009'
  WHEN 'Command and Control' THEN 'TA0011' WHEN 'Exfiltration' THEN 'TA0010' WHEN 'Impact' THEN 'TA0040' END`

func tactic(of string) string {
	return "{'name': " + of + ", 'uid': " + fmt.Sprintf(tacticsSQL, of) + "}"
}

// attacksSQL is one element for each technique, and one for each tactic unless a
// lone one goes with the techniques.
func attacksSQL() string {
	named := "NULL::STRUCT(name VARCHAR, uid VARCHAR)"
	return `nullif(list_concat(
    list_transform(techniques, lambda t: {
      'sub_technique': CASE WHEN contains(t.id, '.') THEN {'name': t.name, 'uid': t.id} END,
      'tactic': lone,
      'technique': CASE WHEN contains(t.id, '.') THEN {'name': NULL::VARCHAR, 'uid': split_part(t.id, '.', 1)} ELSE {'name': t.name, 'uid': t.id} END,
      'version': 'v13.1'}),
    CASE WHEN len(tactics) > 1 OR coalesce(len(techniques), 0) = 0 THEN list_transform(tactics, lambda t: {
      'sub_technique': ` + named + `, 'tactic': ` + tactic("t") + `, 'technique': ` + named + `, 'version': 'v13.1'}) END), [])`
}

// event is the columns in the order that sluice has them.
func (o convertOptions) event() string {
	when, cast := "coalesce(timestamp, \"@timestamp\")", "CAST"
	if o.odd {
		cast = "TRY_CAST"
	}
	columns := []string{
		"1::INTEGER AS activity_id", "'Create' AS activity_name",
		`CASE WHEN rule.id IS NOT NULL OR decoder.name IS NOT NULL OR len(rule.groups) > 0 THEN {
    'category': nullif(array_to_string(rule.groups, ', '), ''), 'name': decoder.name,
    'type': 'Rule', 'type_id': 1::INTEGER, 'uid': rule.id} END AS analytic`,
		attacksSQL() + " AS attacks",
		"'Findings' AS category_name", "2::INTEGER AS category_uid", "'Security Finding' AS class_name", "2001::INTEGER AS class_uid",
		"rule.firedtimes AS count",
		`CASE WHEN _index IS NULL AND location IS NOT NULL AND manager.name IS NOT NULL THEN [location, manager.name]
    ELSE nullif(list_filter([_index, location, manager.name], lambda x: x IS NOT NULL), []) END AS data_sources`,
		`{'title': coalesce(rule.description, 'Wazuh rule ' || rule.id), 'types': CASE WHEN input.type IS NOT NULL THEN [input.type] END,
    'uid': id} AS finding`,
		"rule.description AS message",
		fmt.Sprintf(`{'log_name': 'Security events', 'log_provider': 'Wazuh', 'logged_time': epoch_ms(%s("@timestamp" AS TIMESTAMP)), 'original_time': timestamp,
    'product': {'lang': 'en', 'name': 'Wazuh', 'vendor_name': 'Wazuh, Inc.', 'version': '4.9.1'}, 'uid': id, 'version': '1.1.0'} AS metadata`, cast),
		"nullif(rule.nist_800_53, []) AS nist", "full_log AS raw_data",
		"CASE WHEN agent.id IS NOT NULL OR agent.name IS NOT NULL THEN [{'name': agent.name, 'uid': agent.id}] END AS resources",
		"rule.level AS risk_score",
		`CASE WHEN rule.level >= 15 THEN 'Critical' WHEN rule.level >= 11 THEN 'High' WHEN rule.level >= 8 THEN 'Medium'
    WHEN rule.level >= 4 THEN 'Low' WHEN rule.level >= 0 THEN 'Informational' ELSE 'Unknown' END AS severity`,
		`CASE WHEN rule.level >= 15 THEN 5 WHEN rule.level >= 11 THEN 4 WHEN rule.level >= 8 THEN 3
    WHEN rule.level >= 4 THEN 2 WHEN rule.level >= 0 THEN 1 ELSE 0 END::INTEGER AS severity_id`,
		"'New' AS state", "1::INTEGER AS state_id", "'Alert' AS status", "99::INTEGER AS status_id",
		fmt.Sprintf("epoch_ms(%s(%s AS TIMESTAMP)) AS time", cast, when),
		"'Security Finding: Create' AS type_name", "200101::BIGINT AS type_uid",
	}
	if o.unmapped {
		columns = append(columns, o.unmappedSQL()+" AS unmapped")
	}
	return "  " + strings.Join(columns, ",\n  ")
}

// unmappedSQL is a map of the leaves that the mapping does not read. DuckDB has
// no function that takes a document apart by path; json_tree makes a row of each
// leaf, which took about three times the processor time of this: nested casts
// to MAP and list, as deep as asked for.
func (o convertOptions) unmappedSQL() string {
	entry := func(path string) string { return "{'k': '" + path + "', 'v': " + path + "}" }
	var parts, single []string
	for _, path := range []string{"rule.mail", "agent.ip", "cluster.name", "cluster.node", "previous_output", "decoder.parent",
		"decoder.ftscomment", "predecoder.program_name", "predecoder.timestamp", "predecoder.hostname"} {
		single = append(single, entry(path))
	}
	parts = append(parts, "["+strings.Join(single, ", ")+"]")
	for _, path := range []string{"rule.pci_dss", "rule.gpg13", "rule.gdpr", "rule.hipaa", "rule.tsc"} {
		parts = append(parts, "list_transform("+path+", lambda x, i: {'k': '"+path+".' || (i - 1), 'v': x})")
	}
	parts = append(parts, leaves(o.depth, "'data'", "data"), leaves(min(o.depth, 4), "'syscheck'", "syscheck"))
	sql := "map_from_entries(list_filter(list_concat(" + strings.Join(parts, ",\n    ") + "), lambda e: e.v IS NOT NULL AND e.v <> ''))"
	if o.odd {
		return "try(" + sql + ")"
	}
	return sql
}

// leaves is a list of the paths and texts below a JSON value.
func leaves(depth int, path, value string) string {
	leaf := "[{'k': " + path + ", 'v': " + value + " ->> '$'}]"
	if depth == 0 {
		return leaf
	}
	e, x, i := fmt.Sprint("e", depth), fmt.Sprint("x", depth), fmt.Sprint("i", depth)
	object := "flatten(list_transform(map_entries(" + value + "::MAP(VARCHAR, JSON)), lambda " + e + ": " +
		leaves(depth-1, path+" || CASE WHEN contains("+e+".key, '.') THEN '[\"' || "+e+".key || '\"]' ELSE '.' || "+e+".key END", e+".value") + "))"
	list := "flatten(list_transform(" + value + "::JSON[], lambda " + x + ", " + i + ": " +
		leaves(depth-1, path+" || '.' || ("+i+" - 1)", x) + "))"
	return "CASE json_type(" + value + ") WHEN 'OBJECT' THEN " + object + " WHEN 'ARRAY' THEN " + list + " ELSE " + leaf + " END"
}
