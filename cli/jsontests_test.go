package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/engine/syntax"
)

func testsSchema(t *testing.T) map[string]any {
	t.Helper()
	var out, messages bytes.Buffer
	code := cli.Run(context.Background(), []string{"schema", "--json-schema", "tests"},
		cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &messages}, func(string) string { return "" })
	var schema map[string]any
	if err := json.Unmarshal(out.Bytes(), &schema); err != nil || code != 0 {
		t.Fatal(code, err, messages.String())
	}
	return schema
}

func invalidTests(t *testing.T, schema map[string]any, text []byte) string {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return (&validator{t, schema}).check(schema, v, "")
}

// Law: tests without faults are valid, and the shipped ones are such.
func TestTestFilesAreValid(t *testing.T) {
	schema := testsSchema(t)
	n := 0
	for _, pattern := range []string{"../mappings/*/*_test.yaml", "starter/*_test.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			n++
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if why := invalidTests(t, schema, text); why != "" {
				t.Errorf("%s: %s", file, why)
			}
		}
	}
	if n < 3 {
		t.Errorf("only %d files", n)
	}
}

// What is wrong with a test, the schema marks where it can.
func TestFaultyTestsAreInvalid(t *testing.T) {
	schema := testsSchema(t)
	for text, valid := range map[string]bool{
		"- {name: x, alert: {a: 1}, expect: {event: {count: 1}}}":             true,
		"- {name: x, alert: '{}', expect: {events: [{count: 1}, {a: null}]}}": true,
		"- {name: x, alert_file: 'a.json:2', expect: {reject: x}}":            true,
		"- {name: x, alert: {}}":                                                     true,
		"- {name: x, alert: {}, expect: {event: {}, whole: true}}":                   true,
		"- {alert: {}}":                                                              false,
		"- {name: x}":                                                                false,
		"- {name: x, alert: {}, alert_file: a}":                                      false,
		"- {name: x, alert: {}, expect: {}}":                                         false,
		"- {name: x, alert: {}, expect: {event: {}, reject: x}}":                     false,
		"- {name: x, alert: {}, expect: {events: []}}":                               false,
		"- {name: x, alert: {}, expect: {events: {a: 1}}}":                           false,
		"- {name: x, alert: {}, expect: {unmatched: false}}":                         false,
		"- {name: x, alert: {}, event: {}}":                                          false,
		"- {name: x, alert: {}, expect: {severity_id: 2}}":                           false,
		"mapping: m\nschema: 1.1.0\nclass: detection_finding\nevent: {message: x}\n": false,
	} {
		if why := invalidTests(t, schema, []byte(text)); (why == "") != valid {
			t.Errorf("%s: %q", text, why)
		}
		if _, faults := syntax.ParseTests("x_test.yaml", []byte(text)); (len(faults) == 0) != valid {
			t.Errorf("%s: %v", text, faults)
		}
	}
}
