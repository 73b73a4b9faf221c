package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// table is what run makes of facts in this order, or its error.
func table(t *testing.T, facts string) (string, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "facts.json")
	if err := os.WriteFile(name, []byte(facts), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := run(name, &out)
	return out.String(), err
}

func TestTableIsInTheOrderOfIDs(t *testing.T) {
	got, err := table(t, `{"attack_patterns": [
		{"external_id": "T1110.001", "name": "Password Guessing", "tactics": ["credential-access"], "url": "-"},
		{"external_id": "T1110", "name": "Brute \"Force\"", "tactics": ["credential-access", "impact"]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	want := `[
{"id":"T1110","name":"Brute \"Force\"","tactics":[{"name":"Credential Access","uid":"TA0006"},{"name":"Impact","uid":"TA0040"}]},
{"id":"T1110.001","name":"Password Guessing","parent":"T1110","tactics":[{"name":"Credential Access","uid":"TA0006"}]}
]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFaultsOfTheFacts(t *testing.T) {
	for facts, want := range map[string]string{
		`{`:  "unexpected end",
		`{}`: "no attack_patterns",
		`{"attack_patterns": [{"external_id": "T1", "tactics": ["dancing"]}]}`:    `unknown tactic "dancing"`,
		`{"attack_patterns": [{"external_id": "T1.001", "tactics": ["impact"]}]}`: "no technique T1 above",
	} {
		if out, err := table(t, facts); err == nil || !strings.Contains(err.Error(), want) || out != "" {
			t.Errorf("%s: %v, want %q, and no output; got %q", facts, err, want, out)
		}
	}
}
