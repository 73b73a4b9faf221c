//go:build integration

package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/cli"
)

// question is a statement for query.py.
type question struct {
	Name    string `json:"name"`
	SQL     string `json:"sql"`
	Dialect string `json:"dialect"`
}

type answer struct {
	Name, Dialect string
	Columns       []string
	Rows          [][]string
}

var (
	headings   = regexp.MustCompile(`(?m)^### ([0-9]+)\. .*\n`)
	statements = regexp.MustCompile("(?s)(Athena:\n\n|DuckDB:\n\n)?```sql\n(.*?)```\n")
)

// Law: every statement of docs/queries.md gives what the page shows over the lake of the
// samples, in DuckDB and as SQLGlot reads it for Athena, and every sample query of
// docs/packs gives something. With -update the test writes the results.
func TestIntegrationQueries(t *testing.T) {
	const page = "../docs/queries.md"
	python := readers(t)
	dir := t.TempDir()
	sources := sampleLake(t, dir)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	all := ask(t, python, dir, append(views(sources), questionsOf(t, string(text))...))
	parts := map[string]string{}
	for _, dialect := range []string{"Athena", "DuckDB"} {
		parts["the view of all classes in "+dialect] = "```sql\n" + viewOfAll(sources, strings.ToLower(dialect)) + "\n```\n"
	}
	byName := map[string]*answer{}
	for i := range all {
		a := &all[i]
		if first := byName[a.Name]; first == nil {
			byName[a.Name] = a
			parts["result "+a.Name] = markdownTable(a)
		} else if diff := cmp.Diff(first.Rows, a.Rows); diff != "" {
			t.Errorf("question %s: %s and %s differ:\n%s", a.Name, first.Dialect, a.Dialect, diff)
		}
	}
	if len(byName) < 20 || len(all) != 2*len(byName) {
		t.Errorf("%d questions in %d statements", len(byName), len(all))
	}
	cli.ComparePage(t, page, parts)
	samplesOfPacks(t, python, dir, sources)
}

// sampleLake runs the samples into dir/lake, those that are malformed into dir/rejects, and
// returns the sources.
func sampleLake(t *testing.T, dir string) []string {
	t.Helper()
	lake := filepath.Join(dir, "lake")
	_, messages, code := sluice(t, "", "run", "-q", "--merge", "--class", "by_class", "-o", lake,
		"../testdata/alerts", "../testdata/wazuh4", "../testdata/wazuh5")
	if code != 0 {
		t.Fatal(messages)
	}
	if _, messages, code = sluice(t, "", "run", "-q", "--merge", "-o", lake, "../testdata/alerts"); code != 0 {
		t.Fatal(messages)
	}
	if _, messages, code = sluice(t, "", "run", "-q", "-o", filepath.Join(dir, "other"), "--rejects", filepath.Join(dir, "rejects"), "../testdata/malformed.ndjson"); code != 3 {
		t.Fatal(messages)
	}
	entries, err := os.ReadDir(filepath.Join(lake, "ext"))
	if err != nil {
		t.Fatal(err)
	}
	var sources []string
	for _, e := range entries {
		sources = append(sources, e.Name())
	}
	return sources
}

// views make the views of the page, in both dialects.
func views(sources []string) (list []question) {
	for _, s := range sources {
		list = append(list, question{s, "CREATE VIEW " + viewName(s) + " AS SELECT * FROM read_parquet('lake/ext/" + s + "/**/*.parquet', hive_types_autocast = false)", ""})
	}
	for _, dialect := range []string{"duckdb", "athena"} {
		list = append(list, question{"wazuh_all", viewOfAll(sources, dialect), dialect})
	}
	return list
}

func viewName(source string) string { return strings.ReplaceAll(source, "-", "_") }

// viewOfAll is the view of what the classes of by_class have in common.
func viewOfAll(sources []string, dialect string) string {
	var selects []string
	for _, s := range sources {
		if s == "wazuh" { // security_finding
			continue
		}
		host, rule := "device.name", "finding_info.analytic.uid"
		if s == "wazuh-api" { // calls have no device
			host = "CAST(NULL AS varchar)"
		}
		if !slices.Contains([]string{"wazuh-vuln", "wazuh-comply", "wazuh-finding"}, s) {
			rule = "element_at(enrichments, 1).value"
			if dialect == "duckdb" {
				rule = "enrichments[1].value"
			}
		}
		selects = append(selects, fmt.Sprintf("SELECT class_name, activity_name, time, time_dt, eventday, severity_id, severity, message,\n       metadata.uid AS uid, %s AS host, %s AS rule, observables, unmapped\nFROM %s", host, rule, viewName(s)))
	}
	return "CREATE VIEW wazuh_all AS\n" + strings.Join(selects, "\nUNION ALL\n")
}

// questionsOf are the statements of the page under numbered headings. One without a dialect
// is for both.
func questionsOf(t *testing.T, page string) (list []question) {
	t.Helper()
	starts := headings.FindAllStringSubmatchIndex(page, -1)
	for i, at := range starts {
		end := len(page)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		name := page[at[2]:at[3]]
		if name != fmt.Sprint(i+1) {
			t.Errorf("question %s is number %d", name, i+1)
		}
		found := statements.FindAllStringSubmatch(page[at[1]:end], -1)
		if name == rejected { // two that make the table
			list = append(list, question{name, found[1][2], ""})
			found = found[2:]
		}
		if len(found) == 1 {
			found = append(found, found[0])
		}
		for i, f := range found {
			dialect := []string{"athena", "duckdb"}[i]
			if f[1] != "" && !strings.HasPrefix(strings.ToLower(f[1]), dialect) {
				t.Errorf("question %s: statement %d is for %s", name, i+1, strings.TrimSpace(f[1]))
			}
			list = append(list, question{name, f[2], dialect})
		}
	}
	return list
}

// rejected is the question about rejects.
const rejected = "22"

// ask runs statements in a folder.
func ask(t *testing.T, python, dir string, questions []question) (answers []answer) {
	t.Helper()
	script, err := filepath.Abs("testdata/readers/query.py")
	if err != nil {
		t.Fatal(err)
	}
	input, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	var messages bytes.Buffer
	command := exec.Command(python, script)
	command.Dir, command.Stdin, command.Stderr = dir, bytes.NewReader(input), &messages
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, messages.String())
	}
	for line := range bytes.Lines(out) {
		var a answer
		if err := json.Unmarshal(line, &a); err != nil {
			t.Fatal(err)
		}
		answers = append(answers, a)
	}
	return answers
}

// markdownTable is the answer as a page shows it.
func markdownTable(a *answer) string {
	if len(a.Rows) == 0 {
		return "No rows.\n"
	}
	var b strings.Builder
	line := func(cells []string) {
		b.WriteString("| " + strings.ReplaceAll(strings.Join(cells, "\x00"), "\x00", " | ") + " |\n")
	}
	line(a.Columns)
	b.WriteString(strings.Repeat("|---", len(a.Columns)) + "|\n")
	for _, row := range a.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = cell(c)
		}
		line(cells)
	}
	return b.String()
}

// cell keeps a text from being read as markup.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\\", "\\\\", "*", `\*`, "_", `\_`, "\n", " ").Replace(text)
}

// samplesOfPacks runs the sample queries of docs/packs.
func samplesOfPacks(t *testing.T, python, dir string, sources []string) {
	t.Helper()
	pages, err := filepath.Glob("../docs/packs/*_*.md")
	if err != nil || len(pages) < 16 {
		t.Fatalf("only %d pages (%v)", len(pages), err)
	}
	list := views(sources)
	want := map[string]bool{}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		found := statements.FindAllStringSubmatch(string(text), -1)
		if len(found) == 0 {
			t.Errorf("%s has no sample query", page)
		}
		for _, f := range found {
			list = append(list, question{page, f[2], "athena"})
			want[page] = true
		}
	}
	for _, a := range ask(t, python, dir, list) {
		if len(a.Rows) > 0 {
			delete(want, a.Name)
		}
	}
	for page := range want {
		t.Errorf("the query of %s gives nothing over the samples", page)
	}
}
