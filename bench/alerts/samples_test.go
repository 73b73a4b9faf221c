package alerts

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// settings are those of a small input.
func settings(input string, lines, days int) Settings {
	return Settings{
		Input: input, Lines: lines, Days: days, Start: time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC), Seed: 7,
		Samples: "../../testdata/alerts", Longest: 16 << 10, Odd: 0.005,
	}
}

func generate(t *testing.T, s Settings) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestSameSettingsGiveSameBytes(t *testing.T) {
	for _, input := range []string{"A", "L", "R"} {
		s := settings(input, 500, 2)
		a, b := generate(t, s), generate(t, s)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two runs with one seed differ", input)
		}
		s.Seed = 8
		if bytes.Equal(a, generate(t, s)) {
			t.Errorf("%s: another seed gives the same bytes", input)
		}
	}
}

func TestUnknownInputIsAFault(t *testing.T) {
	for _, s := range []Settings{settings("X", 1, 1), settings("R", 1, 0), settings("A", -1, 1)} {
		if err := Write(new(bytes.Buffer), s); err == nil {
			t.Errorf("%+v is accepted", s)
		}
	}
}

// TestEveryLineIsAnAlertOfItsOwn holds for A and L; R has alerts without an id.
func TestEveryLineIsAnAlertOfItsOwn(t *testing.T) {
	for _, input := range []string{"A", "L"} {
		const lines = 2000
		ids, days, logs := map[string]bool{}, map[string]bool{}, map[string]bool{}
		for i, line := range bytes.Split(bytes.TrimSpace(generate(t, settings(input, lines, 2))), []byte("\n")) {
			var a struct {
				ID, Timestamp string
				FullLog       string `json:"full_log"`
			}
			if err := json.Unmarshal(line, &a); err != nil {
				t.Fatalf("line %d is not JSON: %v\n%s", i+1, err, line)
			}
			ids[a.ID], days[a.Timestamp[:10]], logs[a.FullLog] = true, true, true
		}
		if len(ids) != lines || ids[""] {
			t.Errorf("%s: %d ids among %d alerts", input, len(ids), lines)
		}
		if !days["2026-03-14"] || !days["2026-03-15"] || len(days) != 2 {
			t.Errorf("%s: the days are %v", input, days)
		}
		if all := len(logs) == lines && !logs[""]; all != (input == "L") {
			t.Errorf("%s: %d different texts in full_log among %d alerts", input, len(logs), lines)
		}
	}
}
