package mappings_test

import (
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// A finding of Wazuh 5 has its rule under `wazuh`. What is beside it is the
// source's own, whatever its names.
const wazuh5 = `{"@timestamp":"2026-07-02T08:00:05.000Z","event":{"start":"2026-07-02T08:00:00Z","original":"x","doc_id":"d1"},` +
	`"wazuh":{"rule":{"id":"r1","title":"A title of Wazuh's","level":"high","mitre":{"technique":{"id":["T1059"],"name":["Command and Scripting Interpreter"]},` +
	`"subtechnique":{"id":["T1059.004","T1110.001"],"name":["Unix Shell","Password Guessing"]},"tactic":{"id":["TA0002"],"name":["Execution"]}}},` +
	`"agent":{"id":"011","name":"host-11"}},` +
	`"rule":{"id":"2024","level":15,"description":"of the source","groups":["a"]},"check":{"description":"c"},"policy":{"name":"p"},"data":{"srcip":"192.0.2.1"},"id":"7","timestamp":"1999-01-01T00:00:00Z"}`

// Law: alerts of Wazuh 4 and findings of Wazuh 5 in one file fill one table, and
// neither is taken for the other.
func TestBothVersionsInOneTable(t *testing.T) {
	const wazuh4 = `{"timestamp":"2026-03-14T06:00:00Z","id":"9","rule":{"id":"5710","level":5,"description":"of Wazuh 4"},` +
		`"wazuh":{"rule":{"level":"high"}},"data":{"check":{"id":"1"}}}`
	for class, title := range map[string]string{"security_finding": "finding.title", "detection_finding": "finding_info.title"} {
		p := shipped(t, class)
		rows := p.through(wazuh4, wazuh5, wazuh4)
		for i, want := range []facts{
			{title: "of Wazuh 4", "severity_id": int64(2), "metadata.uid": "9"},
			{title: "A title of Wazuh's", "severity_id": int64(4), "metadata.uid": "d1", "time": int64(1782979200000), "message": "A title of Wazuh's",
				"unmapped.id": "7", "risk_score": nil},
			{title: "of Wazuh 4", "severity_id": int64(2), "metadata.uid": "9"},
		} {
			for path, v := range want {
				if got := follow(rows[i], path); got != v {
					t.Errorf("%s, row %d: %s is %v, want %v", class, i, path, got, v)
				}
			}
		}
		for path, v := range map[string]facts{
			"security_finding":  {"unmapped.rule.level": "15", "unmapped.rule.description": "of the source", "unmapped.rule.id": "2024"},
			"detection_finding": {"evidences.0.data": `{"check":{"description":"c"},"policy":{"name":"p"},"rule":{"id":"2024","level":15,"description":"of the source","groups":["a"]}}`},
		}[class] {
			if got := follow(rows[1], path); got != v {
				t.Errorf("%s: of the source's own rule %s is %v, want %v", class, path, got, v)
			}
		}
		attacks, _ := follow(rows[1], map[string]string{"security_finding": "attacks", "detection_finding": "finding_info.attacks"}[class]).([]any)
		if len(attacks) != 2 {
			t.Fatalf("%s: the attacks are %v", class, attacks)
		}
		for i, want := range []facts{
			{"technique.uid": "T1059", "technique.name": "Command and Scripting Interpreter", "sub_technique.uid": "T1059.004", "sub_technique.name": "Unix Shell", "tactic.uid": "TA0002"},
			{"technique.uid": "T1110", "technique.name": "Brute Force", "sub_technique.uid": "T1110.001"},
		} {
			for path, v := range want {
				if got := follow(attacks[i], path); got != v {
					t.Errorf("%s: attack %d: %s is %v, want %v", class, i, path, got, v)
				}
			}
		}
	}
}

// What is of neither shape is unmatched, and not a reject.
func TestNeitherVersion(t *testing.T) {
	for _, class := range classes {
		p := shipped(t, class)
		for _, line := range []string{
			`{"@timestamp":"2026-07-02T08:00:05Z","wazuh":{"rule":{"level":"high"}}}`,
			`{"@timestamp":"2026-07-02T08:00:05Z","event":{"original":"x"}}`,
		} {
			if r := p.worker.Apply(line); r.Outcome != engine.Unmatched {
				t.Errorf("%s: %v: %s", class, r.Outcome, line)
			}
		}
	}
}
