package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/cli"
)

// sluice runs the command line in this process.
func sluice(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, messages bytes.Buffer
	streams := cli.Streams{In: strings.NewReader(stdin), Out: &out, Err: &messages}
	code = cli.Run(context.Background(), args, streams, func(string) string { return "" })
	return out.String(), messages.String(), code
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update rewrites it):\n%s", name, diff)
	}
}

func sampleKinds(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(names) < 25 {
		t.Fatalf("only %d samples (%v)", len(names), err)
	}
	return names
}

// places are what golden files leave open: a comment added to a mapping moves
// them all. That they are right is a law of package engine's tests.
var places = regexp.MustCompile(`(_finding\.yaml):\d+:\d+`)

// The first alert of every kind is explained as its golden file has it: for
// people, and some for machines.
func TestExplainSamples(t *testing.T) {
	for _, name := range sampleKinds(t) {
		kind := strings.TrimSuffix(filepath.Base(name), ".ndjson")
		t.Run(kind, func(t *testing.T) {
			out, messages, code := sluice(t, "", "explain", name+":1")
			if code != 0 || messages != "" {
				t.Fatalf("exit code %d: %s", code, messages)
			}
			golden(t, "testdata/explain/"+kind+".txt", places.ReplaceAllString(out, "$1:LINE:COL"))
		})
	}
	for _, kind := range []string{"sshd", "odd"} {
		out, _, _ := sluice(t, "", "explain", "--format", "json", "../testdata/alerts/"+kind+".ndjson:2")
		golden(t, "testdata/explain/"+kind+".json", places.ReplaceAllString(out, "$1:LINE:COL"))
	}
}

// Law: what explain says an event is, run writes.
func TestExplainSaysWhatRunWrites(t *testing.T) {
	t.Parallel()
	slow(t)
	for _, class := range []string{"security_finding", "detection_finding"} {
		for _, name := range sampleKinds(t) {
			written, messages, code := sluice(t, "", "run", "--class", class, "-o", "-", "--rejects", t.TempDir(), name)
			if code != 0 {
				t.Fatal(messages)
			}
			alerts, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			events := strings.Split(strings.TrimSuffix(written, "\n"), "\n")
			lines := strings.Split(strings.TrimSuffix(string(alerts), "\n"), "\n")
			if len(events) != len(lines) {
				t.Fatalf("%s: %d events of %d lines", name, len(events), len(lines))
			}
			for i, line := range lines {
				compareExplained(t, class, line, events[i])
			}
		}
	}
}

func compareExplained(t *testing.T, class, line, event string) {
	t.Helper()
	out, messages, code := sluice(t, line, "explain", "--class", class, "--format", "json")
	if code != 0 {
		t.Fatal(messages)
	}
	var x struct{ Event json.RawMessage }
	if err := json.Unmarshal([]byte(out), &x); err != nil {
		t.Fatal(err)
	}
	var explained bytes.Buffer
	if err := json.Compact(&explained, x.Event); err != nil {
		t.Fatal(err)
	}
	if explained.String() != event {
		t.Errorf("explained: %s\nwritten: %s", explained.String(), event)
	}
}
