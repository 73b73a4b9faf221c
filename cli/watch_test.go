package cli_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sluice-lake/sluice/cli"
)

// watched is a command that runs until it is told to stop.
type watched struct {
	t      *testing.T
	mu     sync.Mutex
	grown  *sync.Cond
	text   strings.Builder // what it has said on both streams
	seen   int             // of text, what the test has waited for
	cancel context.CancelFunc
	code   chan int
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	w.grown.Broadcast()
	return len(p), nil
}

func startWatched(t *testing.T, args ...string) *watched {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watched{t: t, cancel: cancel, code: make(chan int, 1)}
	w.grown = sync.NewCond(&w.mu)
	go func() {
		code := cli.Run(ctx, args, cli.Streams{In: strings.NewReader(""), Out: w, Err: w}, func(string) string { return "" })
		w.code <- code
		w.mu.Lock()
		defer w.mu.Unlock()
		w.text.WriteString("\x00ended")
		w.grown.Broadcast()
	}()
	t.Cleanup(cancel)
	return w
}

// round gives what the command says until it waits for changes.
func (w *watched) round() string {
	w.t.Helper()
	const end = "watching for changes; Ctrl-C ends it\n"
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		rest := w.text.String()[w.seen:]
		if i := strings.Index(rest, end); i >= 0 {
			w.seen += i + len(end)
			return rest[:i]
		}
		if strings.Contains(rest, "\x00ended") {
			w.t.Fatalf("it ended: %s", rest)
		}
		w.grown.Wait()
	}
}

func (w *watched) expect(parts ...string) {
	w.t.Helper()
	said := w.round()
	for _, part := range parts {
		if !strings.Contains(said, part) {
			w.t.Fatalf("%q is not in what it said:\n%s", part, said)
		}
	}
}

func save(t *testing.T, name, text string) {
	t.Helper()
	// In one step, as editors do: a watch must not see half a file.
	if err := os.WriteFile(name+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
}

const watchedMapping = `mapping: m
schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  severity_id: 2
  state_id: 1
  time: =timestamp
  finding: {title: t, uid: =id}
  metadata: {product: {name: N, vendor_name: V}}
`

const watchedAlert = `{"id":"1","timestamp":"2026-03-14T00:00:00Z","rule":{"level":3}}` + "\n"

// A changed mapping or input runs again; one with faults leaves the last good
// one in use; the end is success.
func TestWatchRun(t *testing.T) {
	dir := t.TempDir()
	mapping, alerts := filepath.Join(dir, "m.yaml"), filepath.Join(dir, "alerts.ndjson")
	save(t, mapping, strings.Replace(watchedMapping, "severity_id", "severty_id", 1))
	save(t, alerts, watchedAlert)
	w := startWatched(t, "run", "--watch", "-m", mapping, "-o", "-", "--rejects", filepath.Join(dir, "rejects"), alerts)
	w.expect("did you mean `severity_id`?", "nothing was read or written")
	save(t, mapping, watchedMapping)
	w.expect(`"severity_id":2`, ": 1 event")
	save(t, mapping, strings.Replace(watchedMapping, "severity_id: 2", "severity_id: 33", 1))
	w.expect(mapping+":6:16: ", "the last good mapping stays in use")
	save(t, alerts, watchedAlert+watchedAlert)
	w.expect(`"severity_id":2`, "2 lines: 2 events")
	save(t, mapping, strings.Replace(watchedMapping, "severity_id: 2", "severity_id: 3", 1))
	w.expect(`"severity_id":3`, "2 lines: 2 events")
	w.cancel()
	if code := <-w.code; code != 0 {
		t.Errorf("exit code %d after an interrupt", code)
	}
}

// What a run writes into its own input folder is not a change of the input.
func TestWatchRunIgnoresItsOutput(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "alerts.ndjson"), watchedAlert)
	w := startWatched(t, "run", "--watch", "-o", dir, dir)
	w.expect("0 events, 1 reject")
	save(t, filepath.Join(dir, "more.ndjson"), watchedAlert+watchedAlert)
	w.expect("3 lines: 0 events, 3 rejects")
	w.cancel()
	<-w.code
}

func TestWatchTest(t *testing.T) {
	dir := t.TempDir()
	mapping, tests := filepath.Join(dir, "m.yaml"), filepath.Join(dir, "m_test.yaml")
	save(t, mapping, watchedMapping)
	save(t, tests, "- name: x\n  alert_file: a.json\n  expect: {event: {severity_id: 3}}\n")
	save(t, filepath.Join(dir, "a.json"), watchedAlert)
	w := startWatched(t, "test", "--watch", dir)
	w.expect("FAIL", "1 of 1 test failed")
	save(t, mapping, strings.Replace(watchedMapping, "severity_id: 2", "severity_id: 3", 1))
	w.expect("1 passed")
	save(t, mapping, "mapping: m\n")
	w.expect("nothing was tested")
	save(t, mapping, strings.Replace(watchedMapping, "severity_id: 2", "severity_id: 3", 1))
	w.expect("1 passed")
	save(t, filepath.Join(dir, "a.json"), "{}\n")
	w.expect("FAIL")
	w.cancel()
	if code := <-w.code; code != 0 {
		t.Errorf("exit code %d after an interrupt", code)
	}
}

func TestWatchFaults(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"run", "--watch", "-"}, "standard input"},
		{[]string{"run", "--watch", "s3://b/x"}, "s3://b/x cannot be watched"},
	} {
		_, messages, code := sluice(t, "", c.args...)
		if code != 2 || !strings.Contains(messages, c.want) {
			t.Errorf("%v: exit code %d: %s", c.args, code, messages)
		}
	}
}

// The file of a table is a part of the mapping: a change of it runs again, and a
// broken one leaves the last good one in use.
func TestWatchTables(t *testing.T) {
	dir := t.TempDir()
	mapping, table, alerts := filepath.Join(dir, "m.yaml"), filepath.Join(dir, "owners.csv"), filepath.Join(dir, "alerts.ndjson")
	save(t, mapping, watchedMapping+"  message: =tables.owners[id]\ntables: {owners: {file: owners.csv, key: id, value: owner}}\n")
	save(t, filepath.Join(dir, "m_test.yaml"), "- name: x\n  alert_file: alerts.ndjson\n  expect: {event: {message: ana}}\n")
	save(t, table, "id,owner\n1,bob\n")
	save(t, alerts, watchedAlert)
	run := startWatched(t, "run", "--watch", "-m", mapping, "-o", "-", "--rejects", filepath.Join(dir, "rejects"), alerts)
	test := startWatched(t, "test", "--watch", mapping)
	run.expect(`"message":"bob"`)
	test.expect("FAIL")
	save(t, table, "id,owner\n1,ana\n")
	run.expect(`"message":"ana"`)
	test.expect("1 passed")
	save(t, table, "id,owner\n1,ana\n1,ana\n")
	run.expect("owners.csv:3:1: ", "    1,ana\n    ^", "the last good mapping stays in use")
	test.expect("owners.csv:3:1: ")
}
