package mappings_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// odd are the JSON values that random alerts are made of, for the fields that
// the mappings read, by what belongs there.
var odd = map[string][]string{
	"text": {`"x"`, `"a b"`, `""`, `null`, `7`, `-0.50`, `1e3`, `true`, `"日本"`, `"\u0000\ud800\n"`, `" "`, `{}`, `[]`, `123456789012345678901234567890`,
		`{"a":1}`, `["x","y"]`},
	"list": {`["a","b"]`, `["a"]`, `"a"`, `[]`, `null`, `""`, `["",null,"b"]`, `[" a\n"," \t","b"]`, `[1,true,"c"]`, `[["d"],{"e":1},"f"]`, `3`},
	"level": {`0`, `3`, `4`, `7`, `8`, `10`, `11`, `14`, `15`, `16`, `-1`, `"5"`, `"012"`, `3.99`, `11.0`, `1.5e1`, `null`, `""`,
		`99999999999`},
	"count": {`1`, `"2"`, `2147483647`, `2147483648`, `-5`, `1.5`, `2.0`, `"many"`, `null`, `[1]`, `{"a":2}`},
	"time": {`"2026-03-14T06:00:00.000+0000"`, `"2026-03-14T06:00:00Z"`, `1773468000`, `"1773468000123"`, `1773468000.5`, `"x"`, `""`, `null`,
		`"2026-03-14T23:59:59.999-0130"`, `["2026-03-14T06:00:00Z"]`},
	"tactic": {`["Impact"]`, `["Impact","Discovery"]`, `"Collection"`, `["Impact","Impact"]`, `["Nonsense"]`, `[]`, `null`},
	"id":     {`["T1110.001","T1078"]`, `"T1110"`, `["T1110"]`, `[]`, `null`, `["T1003.001"]`},
	"name":   {`["Brute Force","SSH"]`, `"Brute Force"`, `["Brute Force"]`, `[]`, `null`, `[null,"SSH"]`, `[1,true]`},
	"object": {`{"x":1}`, `{"a.b":{"c":[1,{"d":"e"}]}}`, `null`, `"text"`, `[1,[2]]`, `{}`},
}

// fields are where those values go; a path may be left out.
var fields = [][2]string{
	{"timestamp", "time"}, {"@timestamp", "time"}, {"id", "text"}, {"rule.id", "text"}, {"rule.level", "level"}, {"rule.description", "text"},
	{"rule.firedtimes", "count"}, {"rule.groups", "list"}, {"rule.nist_800_53", "list"}, {"rule.mitre.id", "id"}, {"rule.mitre.technique", "name"},
	{"rule.mitre.tactic", "tactic"}, {"rule.mitre.tactics", "tactic"}, {"agent.id", "text"}, {"agent.name", "text"}, {"agent.ip", "text"}, {"decoder.name", "text"},
	{"decoder.parent", "text"}, {"manager.name", "text"}, {"location", "text"}, {"input.type", "list"}, {"full_log", "text"}, {"data", "object"},
	{"rule.gdpr", "list"}, {"rule.mitre.x", "object"}, {"_index", "text"},
}

// randomAlert makes an alert out of odd values. Most have a time and a rule id,
// since most would be rejected without.
func randomAlert(r *rand.Rand) string {
	tree := map[string][]string{}
	var tops []string
	add := func(path, value string) {
		top, rest, nested := strings.Cut(path, ".")
		if _, known := tree[top]; !known {
			tops = append(tops, top)
		}
		if !nested {
			tree[top] = []string{value}
			return
		}
		tree[top] = append(tree[top], rest+"\x00"+value)
	}
	for _, f := range fields {
		values := odd[f[1]]
		value := values[r.IntN(len(values))]
		if (f[0] == "timestamp" || f[0] == "rule.id") && r.IntN(10) > 0 {
			value = values[0]
		}
		if r.IntN(3) > 0 || f[0] == "timestamp" {
			add(f[0], value)
		}
	}
	r.Shuffle(len(tops), func(i, j int) { tops[i], tops[j] = tops[j], tops[i] })
	var members []string
	for _, top := range tops {
		members = append(members, fmt.Sprintf("%q:%s", top, nest(tree[top])))
	}
	alert := "{" + strings.Join(members, ",") + "}"
	if r.IntN(6) == 0 {
		alert = `{"_id":"1","_source":` + alert + `,"_index":"outer"}`
	}
	return alert
}

func nest(entries []string) string {
	if !strings.Contains(entries[0], "\x00") {
		return entries[0]
	}
	var names []string
	below := map[string][]string{}
	for _, e := range entries {
		path, value, _ := strings.Cut(e, "\x00")
		name, rest, nested := strings.Cut(path, ".")
		if _, known := below[name]; !known {
			names = append(names, name)
		}
		if nested {
			value = rest + "\x00" + value
		}
		below[name] = append(below[name], value)
	}
	var members []string
	for _, name := range names {
		members = append(members, fmt.Sprintf("%q:%s", name, nest(below[name])))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// Law: the mappings and the oracle agree on alerts that nobody thought of.
func TestRandomAlerts(t *testing.T) {
	const alerts = 1500
	for i, class := range classes {
		r := rand.New(rand.NewPCG(20, uint64(i)))
		p := shipped(t, class)
		var lines []string
		var want []object
		for range alerts {
			line := randomAlert(r)
			event, ok := oracle(t, class, line)
			if reason := p.add(line); (reason == "") != ok {
				t.Errorf("%s: the oracle says %v, the mapping %q, to\n%s", class, ok, reason, line)
				continue
			}
			if ok {
				lines, want = append(lines, line), append(want, event)
			}
		}
		if len(lines) < alerts/2 {
			t.Errorf("only %d of %d alerts became events", len(lines), alerts)
		}
		rows, _ := readArrow(t, p.parquet())
		if len(rows) != len(lines) {
			t.Fatalf("%d rows of %d events", len(rows), len(lines))
		}
		for i := range rows {
			if diff := cmp.Diff(want[i], promised(class, rows[i])); diff != "" {
				t.Fatalf("%s (-promised +read):\n%s\nof %s", class, diff, lines[i])
			}
		}
	}
}
