package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostileTests are mappings with tests that are much work, or make much of little.
func hostileTests() map[string][3]string {
	test := func(alert, expect string) string {
		return "- {name: 't%d', " + alert + ", expect: {" + expect + "}}\n"
	}
	small, passes, fails := "alert: {id: '%d', timestamp: 1700000000000}", "event: {count: null}", "whole: true, event: {severity_id: 3}"
	many := budgetHead + "  unmapped:\n" + numbered(20_000, "    k%d: =id\n")
	rest := budgetHead + "  unmapped: {$rest: true}\n"
	list := `{"id":"1","timestamp":1700000000000,"data":{"list":` + elements(20_000, 4) + "}}\n"
	return map[string][3]string{
		"rules that differ": {many, numbered(5000, test(small, fails)), ""},
		"loops":             {budgetHead + "  unmapped:\n" + numbered(50, "    k%d: \"=string(count(1..1000, # == len(id) + %d))\"\n"), numbered(6000, test(small, passes)), ""},
		"long texts": {budgetHead + "  message: =repeat(id, 60000)\n  raw_data: =repeat(id + 'b', 500000)\n  unmapped: {k: \"=repeat(id + 'a', 1000000)\"}\n",
			numbered(6000, test(small, fails)), ""},
		"many that fail":  {budgetHead, numbered(6000, test(small, fails)), ""},
		"an alert, often": {rest, "- {name: a, alert: &b {id: x, timestamp: 1700000000000, data: '" + strings.Repeat("x", 500_000) + "'}, expect: {event: {count: null}}}\n" + numbered(120, test("alert: *b", fails)), ""},
		"a file, often":   {rest, numbered(140, test("alert_file: a.json", passes)), list},
		"lines of a file": {rest, numbered(9000, test("alert_file: 'a.json:1%d'", fails)), numbered(20_000, `{"id":"%d","timestamp":1700000000000}`+"\n")},
	}
}

// Attackers: B. The tests of a mapping share what the alerts of a MiB may take, and what is
// kept of each is bounded.
func TestAttackTests(t *testing.T) {
	t.Parallel()
	slow(t)
	for name, files := range hostileTests() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is a process, whose own time counts
			dir := t.TempDir()
			for i, file := range []string{"m.yaml", "m_test.yaml", "a.json"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(files[i]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := attack{dir: dir, output: 256 << 20}.run(t, "test", "--format", "json", "m.yaml") // which keeps more than the text
			if r.code < 0 || r.code > 2 || r.code == 2 && !strings.Contains(r.stderr, "the tests up to here") {
				t.Errorf("exit %d: %.500s", r.code, r.stderr)
			}
			t.Log(fmt.Sprint(r.cpu, " ", len(r.stdout), " bytes: ", r.stderr[:min(len(r.stderr), 200)]))
		})
	}
}
