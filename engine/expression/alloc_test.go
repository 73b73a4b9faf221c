package expression

import (
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

var quickTexts = map[string]struct {
	text         string
	allocs, lent float64
}{
	"path":       {`rule.level`, 0, 0},
	"severity":   {`rule.level >= 15 ? 5 : rule.level >= 11 ? 4 : rule.level >= 8 ? 3 : rule.level >= 4 ? 2 : rule.level >= 0 ? 1 : 0`, 0, 0},
	"coalesce":   {`rule.missing ?? rule.description ?? "none"`, 0, 0},
	"table":      {`tables.tactics[rule.mitre.tactic]`, 0, 0},
	"condition":  {`rule.level > 3 and not (data.srcport == 22 or rule.description startsWith "x")`, 0, 0},
	"in":         {`rule.id in ["1", "2", 5710]`, 0, 0},
	"it":         {`it[0] != nil`, 0, 0},
	"let":        {`severity == 3`, 0, 0},
	"texts":      {`"Wazuh rule " + rule.id`, 1, 0},
	"join":       {`join(rule.groups, ", ")`, 1, 0},
	"inCIDR":     {`inCIDR(data.srcip, "10.0.0.0/8")`, 0, 0},
	"matches":    {`rule.description matches "^sshd"`, 0, 0},
	"zip":        {`zip(rule.mitre.id, rule.mitre.technique)`, 2, 0},
	"sha256":     {`sha256(line)`, 2, 0},
	"regex":      {`regex(rule.description, "(F\\w+)")`, 1, 1},
	"regexAll":   {`regexAll(rule.description, "(F\\w+)")`, 8, 7},
	"redact":     {`redact(rule.description, "(F\\w+)")`, 7, 6},
	"unescape":   {`unescape(rule.description)`, 0, 0},
	"parseURL":   {`parseURL("http://a.b/" + rule.id).hostname`, 3, 0},
	"parseKV":    {`parseKV("a=1 b=" + rule.id).b`, 5, 0},
	"parseCSV":   {`parseCSV(rule.description)`, 2, 0},
	"get":        {`get(rule, "mitre.id.1")`, 0, 0},
	"round":      {`round(data.score, 1)`, 1, 0},
	"isIP":       {`isIP(data.srcip) ? data.srcip : nil`, 0, 0},
	"string":     {`string(rule.description)`, 0, 0},
	"trim":       {`trim(rule.description)`, 0, 0},
	"comparison": {`data.score * 2 >= 15`, 0, 0},
}

// TestAllocations also checks that nothing but the positions of matches is allocated where
// memory is lent.
func TestAllocations(t *testing.T) {
	m, lent := NewMachine(), newLent()
	for name, c := range quickTexts {
		p, faults := Compile(c.text, sampleScope)
		if len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
			continue
		}
		env := environment(p, false)
		var err error
		if got := testing.AllocsPerRun(100, func() { _, err = p.Run(m, env) }); got > c.allocs || err != nil {
			t.Errorf("%s allocates %v times, want at most %v (error %v)", name, got, c.allocs, err)
		}
		if got := testing.AllocsPerRun(100, func() { _, err = lent.run(p, env) }); got > c.lent || err != nil {
			t.Errorf("%s allocates %v times in lent memory, want at most %v (error %v)", name, got, c.lent, err)
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, name := range []string{"path", "severity", "coalesce", "join", "table", "condition", "zip"} {
		b.Run(name, func(b *testing.B) {
			p, _ := Compile(quickTexts[name].text, sampleScope)
			m, env := NewMachine(), environment(p, true) // raw, as a scanner gives lists
			b.ReportAllocs()
			var v alert.Value
			for b.Loop() {
				v, _ = p.Run(m, env)
			}
			_ = v
		})
	}
}

// Over a raw list of ten texts, predicates allocate only the list that they make:
// its header and its items.
func TestAllocationsOfLoops(t *testing.T) {
	list := alert.Value{Kind: alert.List, Text: `["a0","a1","a2","a3","a4","a5","a6","a7","a8","a9"]`}
	for text, want := range map[string]float64{
		`any(x, # == "b")`:                    0,
		`all(x, # startsWith "a")`:            0,
		`find(x, # == "a9")`:                  0,
		`findLastIndex(x, # == "a0")`:         0,
		`count(x, # > "a4")`:                  0,
		`reduce(x, #acc + len(#), 0)`:         0,
		`let y = x; y[3] == "a3"`:             0,
		`any(x, any(x, # == "b"))`:            0,
		`filter(x, # != "a3")`:                2,
		`map(x, #)`:                           2,
		`map(x, [#, #index])`:                 2 + 10*2,
		`sort(x)`:                             2,
		`sortBy(x, #)`:                        2,
		`sortBy(x, len(#), "desc")`:           2,
		`reverse(x)`:                          2,
		`x[2:5]`:                              2,
		`flatten([x, x])`:                     2 + 2,
		`zip(x, x)`:                           2,
		`len(x) + indexOf("abc", "c") - 12`:   0,
		`filter(map(x, #), # > "a5")[0] + ""`: 2 + 2 + 1,
	} {
		p, faults := Compile(text, Scope{})
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		m, env := NewMachine(), &Env{Values: []alert.Value{list}}
		var err error
		if got := testing.AllocsPerRun(100, func() { _, err = p.Run(m, env) }); got > want || err != nil {
			t.Errorf("%s allocates %v times, want at most %v (error %v)", text, got, want, err)
		}
	}
}
