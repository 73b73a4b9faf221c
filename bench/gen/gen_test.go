package main

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

func generate(t *testing.T, s settings) []byte {
	t.Helper()
	samples, err := readSamples(s)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := write(&out, samples, time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSameFlagsGiveSameBytes(t *testing.T) {
	s := settings{samples: "../../testdata/alerts", lines: 500, days: 2, longest: 16 << 10, seed: 7}
	a, b := generate(t, s), generate(t, s)
	if !bytes.Equal(a, b) {
		t.Error("two runs with one seed differ")
	}
	s.seed = 8
	if bytes.Equal(a, generate(t, s)) {
		t.Error("another seed gives the same bytes")
	}
}

func TestEveryLineIsAnAlertOfItsOwn(t *testing.T) {
	for _, fill := range []bool{false, true} {
		s := settings{samples: "../../testdata/alerts", lines: 2000, days: 2, longest: 16 << 10, seed: 1, fill: fill}
		lines := bytes.Split(bytes.TrimSuffix(generate(t, s), []byte("\n")), []byte("\n"))
		if len(lines) != s.lines {
			t.Fatalf("%d lines, not %d", len(lines), s.lines)
		}
		ids, days := map[string]bool{}, map[string]bool{}
		withID := 0
		for i, line := range lines {
			var a struct {
				ID        string `json:"id"`
				Timestamp any    `json:"timestamp"`
				FullLog   any    `json:"full_log"`
			}
			if err := json.Unmarshal(line, &a); err != nil {
				t.Fatalf("line %d is not JSON: %v\n%s", i+1, err, line)
			}
			if fill && a.FullLog == nil && !bytes.Contains(line, []byte(`"full_log":`)) {
				t.Errorf("line %d has no full_log: %s", i+1, line)
			}
			if a.ID != "" {
				withID++
				ids[a.ID] = true
			}
			if text, ok := a.Timestamp.(string); ok && len(text) > 10 {
				days[text[:10]] = true
			}
		}
		if len(ids) != withID {
			t.Errorf("%d ids among %d alerts", len(ids), withID)
		}
		if !days["2026-03-14"] || !days["2026-03-15"] || len(days) != 2 {
			t.Errorf("the days are %v", days)
		}
	}
}
