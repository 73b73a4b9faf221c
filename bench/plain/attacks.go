package main

import (
	"slices"
	"strings"
)

// tacticIDs are the tactics of ATT&CK for Enterprise, version 13.1.
var tacticIDs = map[string]string{
	"Reconnaissance":       "TA0043",
	"Resource Development": "TA0042",
	"Initial Access":       "TA0001",
	"Execution":            "TA0002",
	"Persistence":          "TA0003",
	"Privilege Escalation": "TA0004",
	"Defense Evasion":      "TA0005",
	"Credential Access":    "TA0006",
	"Discovery":            "TA0007",
	"Lateral Movement":     "TA0008",
	"Collection":           "TA0009",
	"Command and Control":  "TA0011",
	"Exfiltration":         "TA0010",
	"Impact":               "TA0040",
}

// attacks makes one element for each technique. Tactics do not pair with
// techniques: a lone one goes on every element, several get their own.
func attacks(alert map[string]any) []Attack {
	const version = "v13.1"
	ids := texts(alert, "rule", "mitre", "id")
	names := texts(alert, "rule", "mitre", "technique")
	var tactics []string
	for _, name := range texts(alert, "rule", "mitre", "tactic") {
		if !slices.Contains(tactics, name) {
			tactics = append(tactics, name)
		}
	}
	n := max(len(ids), len(names))
	var all []Attack
	for i := range n {
		a := Attack{Version: version}
		var named Named
		if i < len(ids) {
			named.UID = ids[i]
		}
		if i < len(names) {
			named.Name = names[i]
		}
		if parent, _, ok := strings.Cut(named.UID, "."); ok {
			a.SubTechnique = &named
			a.Technique = &Named{UID: parent}
		} else {
			a.Technique = &named
		}
		if len(tactics) == 1 {
			a.Tactic = tactic(tactics[0])
		}
		all = append(all, a)
	}
	if n > 0 && len(tactics) == 1 {
		return all
	}
	for _, name := range tactics {
		all = append(all, Attack{Version: version, Tactic: tactic(name)})
	}
	return all
}

func tactic(name string) *Named { return &Named{Name: name, UID: tacticIDs[name]} }
