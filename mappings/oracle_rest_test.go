package mappings_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tacticIDs are those of MITRE ATT&CK (Enterprise).
var tacticIDs = map[string]string{
	"Initial Access": "TA0001", "Execution": "TA0002", "Persistence": "TA0003", "Privilege Escalation": "TA0004",
	"Defense Evasion": "TA0005", "Credential Access": "TA0006", "Discovery": "TA0007", "Lateral Movement": "TA0008",
	"Collection": "TA0009", "Exfiltration": "TA0010", "Command and Control": "TA0011", "Impact": "TA0040",
	"Resource Development": "TA0042", "Reconnaissance": "TA0043",
}

func (o *oracleOf) attacks() []any {
	ids, names := list(o.get("rule.mitre.id")), list(o.get("rule.mitre.technique"))
	path := "rule.mitre.tactic"
	if v := o.get(path); v == nil || v == "" {
		path = "rule.mitre.tactics"
	}
	var tactics []string
	for i, v := range list(o.get(path)) {
		if s, ok := scalar(v); ok && s != "" && !slices.Contains(tactics, s) {
			tactics = append(tactics, s)
			o.wrote[o.item(path, i)] = true
		}
	}
	var out []any
	paired, all := len(ids) == len(names), len(ids)+len(names)
	if paired {
		all = len(ids)
	}
	for i := range all {
		var id, name string
		switch {
		case paired:
			id, name = o.at(ids, i, "rule.mitre.id"), o.at(names, i, "rule.mitre.technique")
		case i < len(ids):
			id = o.at(ids, i, "rule.mitre.id")
		default:
			name = o.at(names, i-len(ids), "rule.mitre.technique")
		}
		if id == "" && name == "" {
			continue
		}
		a := o.technique(id, name)
		if len(tactics) == 1 {
			a["tactic"] = o.tactic(tactics[0])
		}
		out = append(out, a)
	}
	if len(tactics) > 1 || len(out) == 0 {
		for _, name := range tactics {
			out = append(out, object{"version": "v13.1", "tactic": o.tactic(name)})
		}
	}
	return out
}

// namedAttacks are attacks with the names of the table where Wazuh gave none.
func (o *oracleOf) namedAttacks() []any {
	var all []attack
	attacks := o.attacks()
	text := func(a any, path string) string {
		s, _ := follow(a, path).(string)
		return s
	}
	for _, a := range attacks {
		all = append(all, attack{text(a, "technique.uid"), text(a, "technique.name"), text(a, "sub_technique.uid"), text(a, "sub_technique.name"),
			text(a, "tactic.uid"), text(a, "tactic.name")})
	}
	return o.elements(all, object{"version": "v13.1"})
}

// reportedAttacks are the techniques that an alert of Microsoft lists, but for those of
// the rule.
func (o *oracleOf) reportedAttacks() []any {
	var all []attack
	ofRule := list(o.get("rule.mitre.id"))
	for _, id := range list(o.get("data.ms-graph.mitreTechniques")) {
		if id, ok := id.(string); ok && !contains(ofRule, id) {
			parent, _, dotted := strings.Cut(id, ".")
			a := attack{technique: parent}
			if dotted {
				a.sub = id
			}
			all = append(all, a)
		}
	}
	return o.elements(all, object{})
}

// elements are attacks with their names, as elements that begin with the same.
func (o *oracleOf) elements(all []attack, begin object) []any {
	var out []any
	for _, a := range named(all) {
		event, technique, sub, tactic := maps.Clone(begin), object{}, object{}, object{}
		o.put(technique, "uid", a.technique)
		o.put(technique, "name", a.name)
		o.put(sub, "uid", a.sub)
		o.put(sub, "name", a.subName)
		o.put(tactic, "uid", a.tactic)
		o.put(tactic, "name", a.tacticName)
		o.put(event, "technique", technique)
		o.put(event, "sub_technique", sub)
		o.put(event, "tactic", tactic)
		out = append(out, event)
	}
	return out
}

// at gives the text of an item, which keeps its place among the others.
func (o *oracleOf) at(items []any, i int, path string) string {
	if i >= len(items) {
		return ""
	}
	s, ok := scalar(items[i])
	if ok {
		o.wrote[o.item(path, i)] = true
	}
	return s
}

// technique puts an id with a dot under sub_technique and its parent's id
// under technique.
func (o *oracleOf) technique(id, name string) object {
	a, technique, sub := object{"version": "v13.1"}, object{}, object{}
	if parent, _, dotted := strings.Cut(id, "."); dotted {
		o.put(technique, "uid", parent)
		o.put(sub, "uid", id)
		o.put(sub, "name", name)
	} else {
		o.put(technique, "uid", id)
		o.put(technique, "name", name)
	}
	o.put(a, "technique", technique)
	o.put(a, "sub_technique", sub)
	return a
}

func (o *oracleOf) tactic(name string) object {
	t := object{"name": name}
	o.put(t, "uid", tacticIDs[name])
	return t
}

// rest keeps every leaf that is not in the event.
func (o *oracleOf) rest() {
	kept := object{}
	o.leaves("", o.alert, kept)
	o.put(o.event, "unmapped", kept)
}

func (o *oracleOf) leaves(key string, v any, kept object) {
	if o.wrote[key] {
		return
	}
	switch x := v.(type) {
	case object:
		for name, inner := range x {
			o.leaves(keyOf(key, name), inner, kept)
		}
	case []any:
		for i, item := range x {
			o.leaves(key+"."+strconv.Itoa(i), item, kept)
		}
	default:
		s, _ := scalar(v)
		o.put(kept, key, s)
	}
}

func keyOf(key, name string) string {
	switch {
	case name == "" || strings.ContainsAny(name, ".[]\"\\ \t\n\r"):
		return key + "[" + strconv.Quote(name) + "]"
	case key == "":
		return name
	}
	return key + "." + name
}
