package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// known holds what lists of a rule come to, by their bytes: there are few.
type known struct {
	categories map[string]parquet.Value
	nist       map[string][]parquet.Value
	mitre      map[string]*[7][]parquet.Value
}

// knownMost bounds the entries of each kind.
const knownMost = 1 << 13

func newKnown() known {
	return known{map[string]parquet.Value{}, map[string][]parquet.Value{}, map[string]*[7][]parquet.Value{}}
}

// category is the groups joined by commas.
func (k *known) category(raw []byte) parquet.Value {
	if v, ok := k.categories[string(raw)]; ok {
		return v
	}
	groups := texts(decode(raw))
	for i := range groups {
		groups[i] = strings.TrimSpace(groups[i])
	}
	v := parquet.Value{}.Level(0, 1, analyticCategory)
	if joined := strings.Join(groups, ", "); joined != "" {
		v = literal(joined).Level(0, 2, analyticCategory)
	}
	bound(k.categories)
	k.categories[string(raw)] = v
	return v
}

func (k *known) controls(raw []byte) []parquet.Value {
	if all, ok := k.nist[string(raw)]; ok {
		return all
	}
	var all []parquet.Value
	for i, s := range texts(decode(raw)) {
		all = append(all, literal(s).Level(min(i, 1), 3, nist))
	}
	if all == nil {
		all = []parquet.Value{parquet.Value{}.Level(0, 0, nist)}
	}
	bound(k.nist)
	k.nist[string(raw)] = all
	return all
}

// attacks are the values of the seven columns from subTechniqueName on.
func (k *known) attacks(raw []byte) *[7][]parquet.Value {
	if all, ok := k.mitre[string(raw)]; ok {
		return all
	}
	all := new([7][]parquet.Value)
	members, _ := decode(raw).(map[string]any)
	attacks := attacksOf(members)
	for i, a := range attacks {
		a.appendTo(all, min(i, 1))
	}
	if len(attacks) == 0 {
		for i := range all {
			all[i] = []parquet.Value{parquet.Value{}.Level(0, 0, subTechniqueName+i)}
		}
	}
	bound(k.mitre)
	k.mitre[string(raw)] = all
	return all
}

func bound[V any](m map[string]V) {
	if len(m) >= knownMost {
		clear(m)
	}
}

// named is a technique or tactic; nil where there is none.
type named struct{ name, uid string }

type attack struct{ sub, tactic, technique *named }

func (a attack) appendTo(all *[7][]parquet.Value, repetition int) {
	for i, n := range []*named{a.sub, a.tactic, a.technique} {
		name, uid := parquet.Value{}.Level(repetition, 3, subTechniqueName+2*i), parquet.Value{}.Level(repetition, 3, subTechniqueUID+2*i)
		if n != nil {
			name, uid = member(n.name, repetition, subTechniqueName+2*i), member(n.uid, repetition, subTechniqueUID+2*i)
		}
		all[2*i], all[2*i+1] = append(all[2*i], name), append(all[2*i+1], uid)
	}
	all[6] = append(all[6], literal("v13.1").Level(repetition, 4, attackVersion))
}

func member(s string, repetition, column int) parquet.Value {
	if s == "" {
		return parquet.Value{}.Level(repetition, 4, column)
	}
	return literal(s).Level(repetition, 5, column)
}

// attacksOf makes an element for each technique, and one for each tactic unless
// a lone one goes with the techniques. Ids and names pair up where there are
// equally many.
func attacksOf(mitre map[string]any) []attack {
	ids, names := texts(mitre["id"]), texts(mitre["technique"])
	all := make([]attack, 0, len(ids)+len(names))
	for i, id := range ids {
		name := ""
		if len(ids) == len(names) {
			name = names[i]
		}
		parent, _, isSub := strings.Cut(id, ".")
		if isSub {
			all = append(all, attack{sub: &named{name, id}, technique: &named{"", parent}})
		} else {
			all = append(all, attack{technique: &named{name, id}})
		}
	}
	if len(ids) != len(names) {
		for _, name := range names {
			all = append(all, attack{technique: &named{name: name}})
		}
	}
	distinct := tacticsOf(mitre)
	if len(distinct) == 1 && len(all) > 0 {
		for i := range all {
			all[i].tactic = tacticOf(distinct[0])
		}
		return all
	}
	for _, t := range distinct {
		all = append(all, attack{tactic: tacticOf(t)})
	}
	return all
}

// tacticsOf are the tactics, each once. Wazuh 3 has another name for them.
func tacticsOf(mitre map[string]any) []string {
	tactics := texts(mitre["tactic"])
	if tactics == nil {
		tactics = texts(mitre["tactics"])
	}
	var distinct []string
	for _, t := range tactics {
		if !slices.Contains(distinct, t) {
			distinct = append(distinct, t)
		}
	}
	return distinct
}

func tacticOf(name string) *named { return &named{name, tacticIDs[name]} }

var tacticIDs = map[string]string{
	"Reconnaissance": "TA0043", "Resource Development": "TA0042", "Initial Access": "TA0001", "Execution": "TA0002",
	"Persistence": "TA0003", "Privilege Escalation": "TA0004", "Defense Evasion": "TA0005", "Credential Access": "TA0006",
	"Discovery": "TA0007", "Lateral Movement": "TA0008", "Collection": "TA0009", "Command and Control": "TA0011",
	"Exfiltration": "TA0010", "Impact": "TA0040",
}

// decode reads a value that is seen for the first time; nil if it is not JSON.
func decode(raw []byte) any {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil
	}
	return v
}

// texts takes a list, or one value as a list of one, without what is absent.
func texts(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var all []string
	for _, item := range list {
		switch item := item.(type) {
		case string:
			if item != "" {
				all = append(all, item)
			}
		case json.Number:
			all = append(all, item.String())
		}
	}
	return all
}
