package cli_test

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Law: profile counts the lines of any inputs as run does, and diff reads as many.
func TestEveryReaderCountsAlike(t *testing.T) {
	names := []string{"lines", "taken", "rejects", "unmatched", "dropped", "blank", "events", "events_by_mapping"}
	forms, err := filepath.Glob("../testdata/forms/*")
	if err != nil || len(forms) < 5 {
		t.Fatal(err, len(forms))
	}
	for _, inputs := range append([]string{"../testdata/alerts", "../testdata/malformed.ndjson", "../testdata/forms"}, forms...) {
		run := countsOf(t, names, "run", "-q", "--json", "-o", t.TempDir(), inputs)
		profile := countsOf(t, names, "profile", "--json", inputs)
		if diff := cmp.Diff(run, profile); diff != "" {
			t.Errorf("%s (-run +profile):\n%s", inputs, diff)
		}
		diff := countsOf(t, []string{"lines", "blank"}, "diff", "--json", "-m", "wazuh/security_finding", "-m", "wazuh/detection_finding", inputs)
		if diff["lines"] != run["lines"] || diff["blank"] != run["blank"] {
			t.Errorf("%s: run has %v lines, diff %v", inputs, run, diff)
		}
	}
}

// countsOf returns the fields of those names in the JSON that a command prints.
func countsOf(t *testing.T, names []string, args ...string) map[string]any {
	t.Helper()
	out, messages, _ := sluice(t, "", args...)
	var all map[string]any
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, messages)
	}
	got := map[string]any{}
	for _, name := range names {
		got[name] = all[name]
	}
	return got
}

// An object of few rows is small: what does not depend on its rows is not most of what a lake
// of small inputs holds.
func TestAnObjectOfOneAlertIsSmall(t *testing.T) {
	alert, _, _ := bytes.Cut(sample(t, "alerts/sshd.ndjson"), []byte("\n"))
	for class, most := range map[string]int{"security_finding": 9_500, "detection_finding": 58_000} {
		folder := t.TempDir()
		if code, said := inBuckets(t, nil, string(alert), "run", "-q", "--class", class, "-o", folder, "-"); code != 0 {
			t.Fatalf("exit code %d: %s", code, said)
		}
		for name, body := range files(t, folder) {
			t.Logf("%s: %d bytes", class, len(body))
			if strings.HasSuffix(name, ".parquet") && len(body) > most {
				t.Errorf("%s has %d bytes for one alert, at most %d should do", name, len(body), most)
			}
		}
	}
}
