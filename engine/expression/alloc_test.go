package expression

import (
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

var quickTexts = map[string]struct {
	text   string
	allocs float64
}{
	"path":       {`rule.level`, 0},
	"severity":   {`rule.level >= 15 ? 5 : rule.level >= 11 ? 4 : rule.level >= 8 ? 3 : rule.level >= 4 ? 2 : rule.level >= 0 ? 1 : 0`, 0},
	"coalesce":   {`rule.missing ?? rule.description ?? "none"`, 0},
	"table":      {`tables.tactics[rule.mitre.tactic]`, 0},
	"condition":  {`rule.level > 3 and not (data.srcport == 22 or rule.description startsWith "x")`, 0},
	"in":         {`rule.id in ["1", "2", 5710]`, 0},
	"it":         {`it[0] != nil`, 0},
	"let":        {`severity == 3`, 0},
	"texts":      {`"Wazuh rule " + rule.id`, 1},
	"join":       {`join(rule.groups, ", ")`, 1},
	"inCIDR":     {`inCIDR(data.srcip, "10.0.0.0/8")`, 0},
	"matches":    {`rule.description matches "^sshd"`, 0},
	"zip":        {`zip(rule.mitre.id, rule.mitre.technique)`, 5},
	"sha256":     {`sha256(line)`, 2},
	"regex":      {`regex(rule.description, "(F\\w+)")`, 1},
	"isIP":       {`isIP(data.srcip) ? data.srcip : nil`, 0},
	"string":     {`string(rule.description)`, 0},
	"trim":       {`trim(rule.description)`, 0},
	"comparison": {`data.score * 2 >= 15`, 0},
}

func TestAllocations(t *testing.T) {
	m := NewMachine()
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
