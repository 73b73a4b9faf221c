package pipeline

import (
	"bytes"
	"compress/gzip"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// several is a set in which alerts of high levels are logins and findings, noise is
// dropped, and three mappings of different attributes share a table.
var several = []string{
	"mapping: noise\npriority: -1\ndrop: true\nwhen: =rule.level == 3\n",
	"mapping: logins\nsource: logins\nalso: true\nwhen: =rule.level > 9 and rule.level != 99\n" + logins,
	"mapping: full\nsource: findings\npriority: 1\notherwise: next\nwhen: =rule.level > 5 and rule.level != 99\n" + strings.NewReplacer(
		"=timestamp", `"=rule.firedtimes % 2 == 0 ? timestamp : nil"`, "title: t", "title: t, src_url: =agent.url").Replace(findings) +
		"  count: =rule.firedtimes\n  resources: [{uid: =agent.id}]\n  unmapped: {$rest: true}\n",
	"mapping: short\nsource: findings\npriority: 2\nalso: true\nwhen: =rule.level < 12 and rule.level != 99\n" + findings +
		"  message: =rule.description\n  resources: [{name: =agent.id}]\n",
	"mapping: strictly\nsource: findings\npriority: 3\nwhen: =rule.level % 4 == 0\n" +
		strings.Replace(findings, "=timestamp", `"=rule.firedtimes > 1 ? timestamp : nil"`, 1) + "  raw_data: =full_log\n",
}

// severalEngine compiles the set, its files in the order given.
func severalEngine(t *testing.T, order ...int) *engine.Engine {
	t.Helper()
	var files []engine.File
	for _, i := range order {
		files = append(files, engine.File{Name: string(rune('a'+i)) + ".yaml", Text: []byte(several[i])})
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Laws of sets: every line has one outcome; events are counted by mapping; the same
// bytes are written for any number of workers and any order of files; every file of
// a source has the schema of its table, which has the attributes of all mappings of
// that source; and the lake has the events that -o - writes.
func TestSetsKeepTheLaws(t *testing.T) {
	path := write(t, "alerts.json", alerts(2500, func(i int) int64 { return ascending(i * 7919 % 2503) }))
	var first map[string][]byte
	var counts Counts
	var made map[string]int64
	for _, run := range []struct {
		workers int
		order   []int
	}{{1, []int{0, 1, 2, 3, 4}}, {2, []int{4, 3, 2, 1, 0}}, {8, []int{2, 0, 4, 1, 3}}} {
		res, files := runTo(t, func(c *Config) {
			c.Engine, c.Workers = severalEngine(t, run.order...), run.workers
			c.JSON = c.Out
		}, inputs(t, path)...)
		if !res.agree() || res.Lines != 2500 || res.Dropped == 0 || res.Rejects == 0 || res.Unmatched == 0 || res.Events <= res.Taken {
			t.Errorf("%+v", res.Counts)
		}
		if first == nil {
			first, counts, made = files, res.Counts, res.EventsByMapping
			checkTables(t, severalEngine(t, run.order...), files, made)
			continue
		}
		if d := differ(first, files); d != "" {
			t.Errorf("%d workers, files %v: %s", run.workers, run.order, d)
		}
		if diff := cmp.Diff(counts, res.Counts) + cmp.Diff(made, res.EventsByMapping); diff != "" {
			t.Errorf("%d workers, files %v: %s", run.workers, run.order, diff)
		}
	}
	sum := int64(0)
	for name, n := range made {
		if sum += n; n == 0 {
			t.Errorf("%s has no event: it proves nothing", name)
		}
	}
	if _, ok := made["noise"]; ok || sum != counts.Events || len(made) != 4 {
		t.Errorf("%d events, by mapping %v", counts.Events, made)
	}
	streamed(t, path, first)
}

// checkTables holds each Parquet file to the schema of its source.
func checkTables(t *testing.T, e *engine.Engine, files map[string][]byte, made map[string]int64) {
	sources := Sources(e, nil)
	rows, schemas, want := map[string]int64{}, map[string]string{}, map[string]int64{}
	for _, filled := range Tables(e, sources) {
		schemas[filled.Source] = emptyFile(t, filled.Layout)
		for _, m := range filled.Mappings {
			want[filled.Source] += made[e.Mappings[m].Name]
		}
	}
	for _, column := range []string{"count", "message", "raw_data", "src_url", "unmapped"} {
		if !regexp.MustCompile(` ` + column + `[ ;]`).MatchString(schemas["findings"]) {
			t.Errorf("the table of the findings lacks %s:\n%s", column, schemas["findings"])
		}
	}
	for name, data := range files {
		if !strings.HasSuffix(name, ".parquet") {
			continue
		}
		facts, err := inspect.File(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		source := strings.Split(name, "/")[1]
		rows[source] += facts.Rows
		if facts.Schema != schemas[source] {
			t.Errorf("%s has the schema\n%s\nnot that of its table\n%s", name, facts.Schema, schemas[source])
		}
	}
	if !maps.Equal(rows, want) || len(rows) != 2 {
		t.Errorf("rows %v, want %v", rows, want)
	}
}

// emptyFile is the schema of a file without rows.
func emptyFile(t *testing.T, l *ocsf.Layout) string {
	var file bytes.Buffer
	if err := table.NewWriter(&file, table.NewSchema(l), table.Options{}).Close(); err != nil {
		t.Fatal(err)
	}
	facts, err := inspect.File(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	return facts.Schema
}

// streamed compares the events that a run writes to a stream with the JSON copy of
// a lake. Those of one alert follow each other in the order of the mappings.
func streamed(t *testing.T, path string, lake map[string][]byte) {
	var out bytes.Buffer
	runTo(t, func(c *Config) { c.Engine, c.Events, c.Out = severalEngine(t, 0, 1, 2, 3, 4), &out, nil }, inputs(t, path)...)
	events := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, e := range events[1:] {
		if strings.Contains(e, `"class_uid":3002`) && strings.Contains(events[i], `"class_uid":2001`) && timeOf(e) == timeOf(events[i]) {
			t.Fatalf("the event of an earlier mapping comes later: %s\n%s", events[i], e)
		}
	}
	var copied []string
	for name, data := range lake {
		if filepath.Ext(name) != ".gz" || strings.HasPrefix(name, "rejects/") {
			continue
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		copied = append(copied, strings.Split(strings.TrimSpace(string(plain)), "\n")...)
	}
	slices.Sort(events)
	slices.Sort(copied)
	if diff := cmp.Diff(events, copied); diff != "" {
		t.Errorf("the stream and the lake: %.2000s", diff)
	}
}

func timeOf(event string) string {
	_, rest, _ := strings.Cut(event, `"time":`)
	at, _, _ := strings.Cut(rest, ",")
	return at
}
