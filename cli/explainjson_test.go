package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Law: every `where` in the JSON of explain and test is a place, and the lists that
// the page names are there even when they are empty.
func TestPlacesAndListsOfJSON(t *testing.T) {
	place := regexp.MustCompile(`^[^ ]+:[0-9]+:[0-9]+$`)
	wheres := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for name, x := range v {
				if where, ok := x.(string); ok && name == "where" {
					wheres++
					if !place.MatchString(where) {
						t.Errorf("where is %q", where)
					}
				}
				walk(x)
			}
		}
	}
	reject := filepath.Join(t.TempDir(), "reject.ndjson")
	if err := os.WriteFile(reject, []byte(`{"origin":"o","line":1,"reason":"r","where":"my/m.yaml:1:2 time","raw":"{}"}`), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, lists string }{
		{`explain --format json {"id":"1","rule":{"level":3}}`, "asked attributes unmapped"},
		{`explain --format json {"timestamp":"2026-03-14T06:00:00Z","id":"1","rule":{"level":3,"firedtimes":"often"}}`, "asked attributes unmapped"},
		{`explain --format json {`, "asked attributes unmapped"},
		{`explain --format json ` + reject, "asked attributes unmapped"},
		{`test --format json testdata/failing`, "tests"},
	} {
		var out bytes.Buffer
		Run(context.Background(), strings.Fields(test.args), Streams{strings.NewReader(""), &out, io.Discard}, func(string) string { return "" })
		var o map[string]any
		if err := json.Unmarshal(out.Bytes(), &o); err != nil {
			t.Fatalf("%s: %v", test.args, err)
		}
		for _, list := range strings.Fields(test.lists) {
			if _, ok := o[list].([]any); !ok {
				t.Errorf("%s: %s is %v", test.args, list, o[list])
			}
		}
		walk(o)
	}
	if wheres < 20 {
		t.Errorf("only %d places", wheres)
	}
}
