package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

type counts struct{ Lines, Events, Rejects, Unmatched, Dropped, Blank, Objects int64 }

// run runs and returns the summary. The exit code must be that of what happened.
func run(t *testing.T, args ...string) counts {
	t.Helper()
	out, messages, code := sluice(t, "", append([]string{"run", "--json"}, args...)...)
	var c counts
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("%v: %q %s", err, out, messages)
	}
	want := 0
	if c.Rejects > 0 {
		want = 3
	}
	if code != want {
		t.Fatalf("the exit code is %d with %d rejects: %s", code, c.Rejects, messages)
	}
	return c
}

// Law 1: every line is accounted for, whatever the bytes are, and law 2: every
// reject and unmatched alert is in the reject folder.
func TestEveryLineIsAccountedFor(t *testing.T) {
	slow(t)
	r := rand.New(rand.NewPCG(1, 2))
	whole := corpus(t, 1, 3)
	noise := make([]byte, 100<<10)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	inputs := map[string][]byte{
		"all samples": whole, "noise": noise, "no end of line": whole[:len(whole)-2], "empty": {}, "ends": []byte("\n\n\r\n \n"),
		"mostly alerts": bytes.ReplaceAll(whole, []byte("}\n"), []byte("}}\n")),
	}
	packed := gzipped(t, whole)
	for i := range 20 {
		at := r.IntN(len(packed))
		inputs[fmt.Sprint("cut at ", at)] = packed[:at]
		broken := bytes.Clone(packed)
		broken[r.IntN(len(broken))] ^= 1 << (i % 8)
		inputs[fmt.Sprint("bit flipped ", i)] = broken
	}
	for name, data := range inputs {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "lake")
			c := run(t, "-o", out, writeFile(t, "in", data))
			if c.Lines != c.Events+c.Rejects+c.Unmatched+c.Dropped+c.Blank {
				t.Errorf("lines do not add up: %+v", c)
			}
			kept := int64(0)
			for path, data := range treeOf(out) {
				if strings.HasPrefix(path, "rejects/") {
					kept += int64(bytes.Count(data, []byte("\n")))
				}
			}
			objects, rows, err := lakeFacts(out)
			if kept != c.Rejects+c.Unmatched || rows != c.Events || int64(objects) != c.Objects || err != nil {
				t.Errorf("%d lines kept, %d objects, %d rows (%v) of %+v", kept, objects, rows, err, c)
			}
		})
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Law 3: the same input gives the same names and the same bytes for any number
// of workers and in any run, events, copies and rejects alike.
func TestWorkersAndRetriesChangeNothing(t *testing.T) {
	slow(t)
	one, two := writeFile(t, "one.ndjson", corpus(t, 8, 1)), writeFile(t, "two.ndjson", gzipped(t, corpus(t, 8, 2)))
	for _, class := range []string{"security_finding", "detection_finding"} {
		for _, merge := range []string{"--merge=false", "--merge=true"} {
			t.Run(class+" "+merge, func(t *testing.T) {
				var first map[string][]byte
				for _, workers := range []string{"1", "2", "8", "8 again"} {
					root := t.TempDir()
					n, again, _ := strings.Cut(workers, " ")
					args := []string{"-o", root, "--ocsf-json", filepath.Join(root, "json"), "--workers", n, "--class", class, merge, one, two}
					c := run(t, args...)
					if again != "" {
						run(t, args...)
					}
					if _, rows, err := lakeFacts(root); rows != c.Events || err != nil {
						t.Errorf("%d rows of %d events: %v", rows, c.Events, err)
					}
					tree := treeOf(root)
					if first == nil {
						first = tree
					} else if d := differ(first, tree); d != "" {
						t.Errorf("%s workers: %s", workers, d)
					}
				}
			})
		}
	}
}

// Law 5: the schema follows the mapping and never the data.
func TestTheSchemaFollowsTheMapping(t *testing.T) {
	const bare = `{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1"}}`
	const full = `{"timestamp":"2026-03-14T06:00:00Z","id":"7","rule":{"id":"1","level":3,"description":"d","firedtimes":2,"groups":["g"],"nist_800_53":["AU.6"],` +
		`"mitre":{"id":["T1110.001"],"technique":["x"],"tactic":["Impact"]}},"agent":{"id":"1","name":"n"},"location":"l","full_log":"f","decoder":{"name":"d"},"input":{"type":"log"},"data":{"x":1}}`
	for _, class := range []string{"security_finding", "detection_finding"} {
		var schemas []string
		for _, line := range []string{bare, full} {
			out := t.TempDir()
			run(t, "-o", out, "--class", class, writeFile(t, "in.ndjson", []byte(line)))
			for _, data := range treeOf(out) {
				facts, err := inspect.File(bytes.NewReader(data), int64(len(data)))
				if err != nil {
					t.Fatal(err)
				}
				schemas = append(schemas, facts.Schema)
			}
		}
		if len(schemas) != 2 || schemas[0] != schemas[1] {
			t.Errorf("%s: the schemas are %v", class, schemas)
		}
	}
}
