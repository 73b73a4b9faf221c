package mappings_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// attack is one element of attacks, in short: ids and names of the technique,
// the sub-technique and the tactic, "" for what is absent.
type attack struct{ technique, name, sub, subName, tactic, tacticName string }

// Ids and names of techniques pair up where there are equally many. A lone tactic stands on every element,
// several have elements of their own, and nothing is joined into one text.
func TestAttacks(t *testing.T) {
	cases := map[string]struct {
		mitre string
		want  []attack
	}{
		"none":          {`{}`, nil},
		"empty":         {`{"id":[],"technique":[],"tactic":[]}`, nil},
		"empty texts":   {`{"id":[""],"technique":[""],"tactic":[""]}`, nil},
		"null":          {`null`, nil},
		"one technique": {`{"id":["T1110"],"technique":["Brute Force"],"tactic":["Credential Access"]}`, []attack{{"T1110", "Brute Force", "", "", "TA0006", "Credential Access"}}},
		"texts for lists": {`{"id":"T1110","technique":"Brute Force","tactic":"Credential Access"}`,
			[]attack{{"T1110", "Brute Force", "", "", "TA0006", "Credential Access"}}},
		"a sub-technique": {`{"id":["T1110.001"],"technique":["Password Guessing"],"tactic":["Credential Access"]}`,
			[]attack{{"T1110", "", "T1110.001", "Password Guessing", "TA0006", "Credential Access"}}},
		"three tactics for one technique": {`{"id":["T1053.005"],"technique":["Scheduled Task"],"tactic":["Execution","Persistence","Privilege Escalation"]}`,
			[]attack{{"T1053", "", "T1053.005", "Scheduled Task", "", ""}, {tactic: "TA0002", tacticName: "Execution"},
				{tactic: "TA0003", tacticName: "Persistence"}, {tactic: "TA0004", tacticName: "Privilege Escalation"}}},
		"two techniques and five tactics": {`{"id":["T1078","T1021.004"],"technique":["Valid Accounts","SSH"],"tactic":["Defense Evasion","Persistence","Privilege Escalation","Initial Access","Lateral Movement"]}`,
			[]attack{{"T1078", "Valid Accounts", "", "", "", ""}, {"T1021", "", "T1021.004", "SSH", "", ""},
				{tactic: "TA0005", tacticName: "Defense Evasion"}, {tactic: "TA0003", tacticName: "Persistence"}, {tactic: "TA0004", tacticName: "Privilege Escalation"},
				{tactic: "TA0001", tacticName: "Initial Access"}, {tactic: "TA0008", tacticName: "Lateral Movement"}}},
		"two techniques and one tactic": {`{"id":["T1110","T1003.001"],"technique":["Brute Force","LSASS Memory"],"tactic":["Credential Access"]}`,
			[]attack{{"T1110", "Brute Force", "", "", "TA0006", "Credential Access"}, {"T1003", "", "T1003.001", "LSASS Memory", "TA0006", "Credential Access"}}},
		"one tactic named twice": {`{"id":["T1110"],"technique":["Brute Force"],"tactic":["Impact","Impact"]}`, []attack{{"T1110", "Brute Force", "", "", "TA0040", "Impact"}}},
		"tactics alone":          {`{"tactic":["Impact","Discovery"]}`, []attack{{tactic: "TA0040", tacticName: "Impact"}, {tactic: "TA0007", tacticName: "Discovery"}}},
		"a tactic alone":         {`{"tactic":"Collection"}`, []attack{{tactic: "TA0009", tacticName: "Collection"}}},
		"an unknown tactic": {`{"id":["T1499"],"technique":["Endpoint Denial of Service"],"tactic":["Mischief"]}`,
			[]attack{{"T1499", "Endpoint Denial of Service", "", "", "", "Mischief"}}},
		"ids alone":              {`{"id":["T1110","T1110.003"]}`, []attack{{technique: "T1110"}, {technique: "T1110", sub: "T1110.003"}}},
		"names alone":            {`{"technique":["Brute Force"]}`, []attack{{name: "Brute Force"}}},
		"more ids than names":    {`{"id":["T1110","T1078"],"technique":["Brute Force"]}`, []attack{{technique: "T1110"}, {technique: "T1078"}, {name: "Brute Force"}}},
		"more names than ids":    {`{"id":["T1110"],"technique":["Brute Force","Valid Accounts"]}`, []attack{{technique: "T1110"}, {name: "Brute Force"}, {name: "Valid Accounts"}}},
		"tactics of Wazuh 3":     {`{"tactics":["Impact"],"id":["T1499"]}`, []attack{{technique: "T1499", tactic: "TA0040", tacticName: "Impact"}}},
		"exfiltration and C2":    {`{"tactic":["Exfiltration","Command and Control"]}`, []attack{{tactic: "TA0010", tacticName: "Exfiltration"}, {tactic: "TA0011", tacticName: "Command and Control"}}},
		"before the attack":      {`{"tactic":["Reconnaissance","Resource Development"]}`, []attack{{tactic: "TA0043", tacticName: "Reconnaissance"}, {tactic: "TA0042", tacticName: "Resource Development"}}},
		"mitre is not an object": {`["T1110"]`, nil},
		"an id that is a number": {`{"id":[1110]}`, []attack{{technique: "1110"}}},
	}
	names := slices.Sorted(maps.Keys(cases))
	lines := make([]string, len(names))
	for i, name := range names {
		lines[i] = `{"timestamp":"2026-03-14T06:00:00Z","rule":{"id":"1","mitre":` + cases[name].mitre + `}}`
	}
	for class, path := range map[string]string{"security_finding": "attacks", "detection_finding": "finding_info.attacks"} {
		rows := shipped(t, class).through(lines...)
		for i, name := range names {
			t.Run(class+"/"+name, func(t *testing.T) {
				list, _ := follow(rows[i], path).([]any)
				var got []attack
				for _, a := range list {
					got = append(got, shortOf(t, a))
				}
				want := cases[name].want
				if class == "detection_finding" {
					want = named(want)
				}
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(attack{})); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	}
}

// techniqueNames are those of the table of ATT&CK, by id.
var techniqueNames = sync.OnceValue(func() map[string]string {
	text, err := os.ReadFile("wazuh/shared/attack.json")
	if err != nil {
		panic(err)
	}
	var all []struct{ ID, Name string }
	if err := json.Unmarshal(text, &all); err != nil {
		panic(err)
	}
	names := map[string]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	return names
})

// named is what a Detection Finding makes of attacks: ids without a name have
// that of the table, and names that these have do not stand alone.
func named(attacks []attack) []attack {
	names, have := techniqueNames(), map[string]bool{}
	var out []attack
	for _, a := range attacks {
		a.name = orElse(a.name, names[a.technique])
		a.subName = orElse(a.subName, names[a.sub])
		have[a.name], have[a.subName] = have[a.name] || a.technique != "" && a.sub == "", have[a.subName] || a.sub != ""
		out = append(out, a)
	}
	return slices.DeleteFunc(out, func(a attack) bool { return a.technique == "" && a.name != "" && have[a.name] })
}

func orElse(a, b string) string {
	if a == "" {
		return b
	}
	return a
}

func shortOf(t *testing.T, a any) attack {
	if v := follow(a, "version"); v != "v13.1" {
		t.Errorf("the version is %v", v)
	}
	text := func(path string) string {
		s, _ := follow(a, path).(string)
		return s
	}
	return attack{text("technique.uid"), text("technique.name"), text("sub_technique.uid"), text("sub_technique.name"), text("tactic.uid"), text("tactic.name")}
}
