package lambda

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tables of metrics and of the answer in deploy/README.md have every
// metric with its unit and every field, and no others.
func TestDeployPage(t *testing.T) {
	page, err := os.ReadFile("../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var metricRows, fieldRows []string
	for _, row := range firstCells(t, string(page), "| metric | unit |") {
		metricRows = append(metricRows, row[0]+" "+row[1])
	}
	for _, row := range firstCells(t, string(page), "| field | meaning |") {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[0], -1) {
			fieldRows = append(fieldRows, m[1])
		}
	}
	var wantMetrics []string
	for _, m := range units {
		wantMetrics = append(wantMetrics, "`"+m.Name+"` "+m.Unit)
	}
	if !slices.Equal(metricRows, wantMetrics) {
		t.Errorf("the page has the metrics\n%q\nthe function writes\n%q", metricRows, wantMetrics)
	}
	wantFields := jsonNames(reflect.TypeFor[response]())
	slices.Sort(wantFields)
	slices.Sort(fieldRows)
	if !slices.Equal(fieldRows, wantFields) {
		t.Errorf("the page has the fields\n%q\nthe answer has\n%q", fieldRows, wantFields)
	}
}

// The pipeline of Logstash takes both generations of Wazuh, passes along what tells
// duplicates apart, and makes no more objects than it must.
func TestLogstashPipeline(t *testing.T) {
	text, err := os.ReadFile("../deploy/logstash/indexer-to-s3.conf")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"wazuh-alerts-4.x-*,wazuh-findings-v5-*"`, `"_id"    => "%{[@metadata][hit][_id]}"`, `docinfo_fields => ["_index", "_id"]`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the pipeline lacks %s", want)
		}
	}
	minutes := regexp.MustCompile(`time_file +=> (\d+)\n`).FindSubmatch(text)
	if n, err := strconv.Atoi(string(minutes[1])); err != nil || n < 15 {
		t.Errorf("time_file is %s", minutes)
	}
}

// firstCells gives the cells of the rows of the table with that head.
func firstCells(t *testing.T, page, head string) [][]string {
	t.Helper()
	_, table, ok := strings.Cut(page, head)
	if !ok {
		t.Fatalf("deploy/README.md has no table %q", head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var rows [][]string
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		rows = append(rows, cells)
	}
	return rows
}

// jsonNames are the names of the fields in JSON, embedded ones included.
func jsonNames(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, jsonNames(f.Type)...)
		case name != "-" && name != "":
			names = append(names, name)
		}
	}
	return names
}
