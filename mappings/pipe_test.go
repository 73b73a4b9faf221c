package mappings_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/table"
)

var classes = []string{"security_finding", "detection_finding"}

// pipe is the way of a line from bytes to Parquet, in one goroutine.
type pipe struct {
	t       *testing.T
	mapping engine.Mapping
	worker  *engine.Worker
	schema  *table.Schema
	batch   *table.Batch
	checker *ocsf.Checker
}

func compile(t *testing.T, files ...engine.File) *pipe {
	t.Helper()
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newPipe(t, e)
}

func newPipe(t *testing.T, e *engine.Engine) *pipe {
	m := e.Mappings[0]
	s := table.NewSchema(m.Layout)
	return &pipe{t, m, e.NewWorker(), s, s.NewBatch(), ocsf.NewChecker(m.Layout.Schema)}
}

// engines are those of the shipped mappings, by class, each compiled once.
var engines sync.Map

func shipped(t *testing.T, class string) *pipe {
	t.Helper()
	if e, ok := engines.Load(class); ok {
		return newPipe(t, e.(*engine.Engine))
	}
	files, err := mapping.Under(".", "wazuh/"+class)
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	engines.Store(class, e)
	return newPipe(t, e)
}

// add maps a line and appends the event to the batch. Every event on the way
// must break no rule of its class. A reject gives its reason.
func (p *pipe) add(line string) (reason string) {
	p.t.Helper()
	res := p.worker.Apply(line)
	if res.Outcome == engine.Reject {
		return res.Where.String() + ": " + res.Reason
	}
	if res.Outcome != engine.Event {
		return "unmatched"
	}
	text := res.Events[0].Event.AppendJSON(nil)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	event := object{}
	if err := d.Decode(&event); err != nil {
		p.t.Fatalf("an event is not JSON: %v: %s", err, text)
	}
	for _, f := range p.checker.Check(event) {
		p.t.Errorf("%v\nin the event of %.300s", f, line)
	}
	p.batch.Append(res.Events[0].Event)
	return ""
}

// parquet writes the batch as a file.
func (p *pipe) parquet() []byte {
	p.t.Helper()
	rows := make([]table.Row, p.batch.Rows())
	for i := range rows {
		rows[i] = table.Row{Batch: p.batch, Index: i}
	}
	var out bytes.Buffer
	w := table.NewWriter(&out, p.schema, table.Options{})
	g, err := p.schema.Encode(rows, table.Options{})
	if err == nil {
		err = w.Commit(g)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return out.Bytes()
}

// through sends lines through the pipe and reads them back with Arrow.
func (p *pipe) through(lines ...string) []object {
	p.t.Helper()
	for _, line := range lines {
		if reason := p.add(line); reason != "" {
			p.t.Fatalf("%s\nfor %.300s", reason, line)
		}
	}
	rows, _ := readArrow(p.t, p.parquet())
	if len(rows) != len(lines) {
		p.t.Fatalf("%d lines gave %d rows", len(lines), len(rows))
	}
	return rows
}

// samples are the lines of the sample alerts of Wazuh 4.x, by file.
func samples(t *testing.T) map[string][]string {
	t.Helper()
	names, err := filepath.Glob("../testdata/alerts/*.ndjson")
	more, err4 := filepath.Glob("../testdata/wazuh4/*.ndjson")
	if err != nil || err4 != nil || len(names) == 0 || len(more) == 0 {
		t.Fatalf("no samples: %v, %v", err, err4)
	}
	all := map[string][]string{}
	for _, name := range append(names, more...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n") {
			all[filepath.Base(name)] = append(all[filepath.Base(name)], strings.TrimSuffix(line, "\r"))
		}
	}
	return all
}
