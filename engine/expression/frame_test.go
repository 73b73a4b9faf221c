package expression

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// sample is the alert of this package's tests.
var sample = map[string]any{
	"id":    "1700000000.1",
	"empty": "",
	"rule": map[string]any{
		"level": 10, "id": "5710", "description": "sshd: Failed",
		"groups": []any{"syslog", "sshd", "authentication_failed"},
		"mitre":  map[string]any{"id": []any{"T1110", "T1021.004"}, "technique": []any{"Brute Force"}},
	},
	"data": map[string]any{
		"srcip": "10.1.2.3", "srcport": "22", "score": 7.5, "ok": true, "group": "sshd", "ü": "größer",
		"big": "18446744073709551616", "nested": []any{[]any{1, 2}, []any{3}}, "users": []any{
			map[string]any{"name": "ann", "age": 30}, map[string]any{"name": "bob", "age": "25"}, map[string]any{"name": "cy"},
		},
	},
	"@timestamp": "2024-04-22T14:20:46.976Z", "in": "inside", "it": "own",
}

var sampleScope = Scope{
	Lets: []string{"severity", "who"},
	Tables: alert.From(map[string]any{
		"tactics": map[string]any{"Execution": "TA0002", "Impact": "TA0040"},
		"ports":   map[string]any{"22": "ssh", "80": "http"},
		"odd":     []any{"a", map[string]any{"b": 1}},
	}),
	Elements: []string{""},
}

// environment gives a program the values of the sample alert. raw hands lists
// and objects over as JSON text, the way a scanner does.
func environment(p *Program, raw bool) *Env {
	env := &Env{
		Elements: []Element{{Value: alert.From([]any{"T1110", "Brute Force", nil})}},
		Line:     `{"a":1}`,
		Let: func(i int) (alert.Value, error) {
			if i == 0 {
				return alert.OfInt(3), nil
			}
			return alert.OfText("let"), nil
		},
	}
	for i, path := range p.Reads {
		v := follow(alert.From(sample), path)
		if raw && v.Kind >= alert.List {
			v = alert.Value{Kind: v.Kind, Text: string(v.AppendJSON(nil))}
		}
		env.Values = append(env.Values, v)
		env.Slots = append(env.Slots, i)
	}
	return env
}

// follow returns the value that a path leads to.
func follow(v alert.Value, path alert.Path) alert.Value {
	for _, s := range path {
		if s.IsIndex {
			v = v.Index(s.Index)
		} else {
			v, _ = v.Member(s.Name)
		}
	}
	return v
}

func shown(v alert.Value, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return string(v.Decoded().AppendJSON(nil))
}

// evaluate runs text on raw and on made values, and returns the result, which
// must be the same each time.
func evaluate(t *testing.T, text string) string {
	t.Helper()
	p, faults := Compile(text, sampleScope)
	if len(faults) > 0 {
		t.Errorf("%s\n  does not compile: %v", text, faults)
		return ""
	}
	m := NewMachine()
	v, err := p.Run(m, environment(p, false))
	want := shown(v, err)
	if err == nil && !p.Yields.Has(v.Kind) {
		t.Errorf("%s\n  yields kind %d, which Yields %b denies", text, v.Kind, p.Yields)
	}
	for _, raw := range []bool{false, true} {
		v, err := p.Run(m, environment(p, raw))
		if got := shown(v, err); got != want {
			t.Errorf("%s\n  raw %v: %s\n  but first: %s", text, raw, got, want)
		}
	}
	return want
}

// examples reads lines of `expression => JSON of its value`.
func examples(t *testing.T, lines string) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(lines), "\n") {
		text, want, ok := strings.Cut(line, " => ")
		if !ok {
			t.Fatalf("no example: %q", line)
		}
		text = strings.TrimSpace(text)
		if got := evaluate(t, text); got != strings.TrimSpace(want) {
			t.Errorf("%s\n  gives %s\n  want  %s", text, got, want)
		}
	}
}
