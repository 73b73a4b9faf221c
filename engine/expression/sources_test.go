package expression

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
)

// Where a value may come from: what is only tested, and what steers, is no source.
func TestSources(t *testing.T) {
	scope := Scope{Lets: []string{"one"}, Elements: []string{"it"}, Tables: alert.From(map[string]any{"names": map[string]any{"a": "b"}})}
	for text, want := range map[string]string{
		"a":                          "a",
		"a.b[0].c":                   "a.b.0.c",
		"one":                        "let 0",
		"one.b":                      "let 0.b",
		"it.b":                       "element 0.b",
		"'x'":                        "'x'",
		"a ?? b":                     "a, b",
		"a ?? 'none'":                "a, 'none'",
		"a == 'x' ? b : 'y'":         "b, 'y'",
		"a == b":                     "",
		"len(a)":                     "",
		"a + b.c":                    "a made, b.c made",
		"upper(a) ?? b":              "a made, b",
		"split(a, ',')[0]":           "a made",
		"replace(a, 'x', 'y')":       "a made",
		"(a ?? b)[0].c":              "a.0.c, b.0.c",
		"tables.names[a] ?? b":       "a made, b, table names",
		"first(filter(a, #.b == c))": "a",
		"any(a, # == b)":             "",
		"map(a, #)":                  "a made",
		"map(a, #.b)":                "a made",
		"map(a, b)":                  "b",
		"map(a, map(b, [#, c]))":     "b made, c",
		"sortBy(a, #.b)":             "a",
		"groupBy(a, #.b)":            "a",
		"let x = a; x ?? x":          "a",
		"let x = a ?? b; [x, x]":     "a, b",
	} {
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", text, faults)
		}
		s := p.Sources()
		var got []string
		add := func(what string, o Origin) {
			for _, step := range o.Steps {
				what += "." + alert.Path{step}.String()
			}
			if o.Made {
				what += " made"
			}
			got = append(got, what)
		}
		for _, o := range s.Reads {
			add(fmt.Sprint(p.Reads[o.Index]), o)
		}
		for _, o := range s.Lets {
			add(fmt.Sprint("let ", o.Index), o)
		}
		for _, o := range s.Elements {
			add(fmt.Sprint("element ", o.Index), o)
		}
		for _, c := range s.Constants {
			got = append(got, "'"+c+"'")
		}
		for _, name := range s.Tables {
			got = append(got, "table "+name)
		}
		if all := strings.Join(got, ", "); all != want {
			t.Errorf("%s comes from %q, want %q", text, all, want)
		}
	}
}
