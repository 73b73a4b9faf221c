package expression_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
)

// Which constants an expression may yield, and whether it may yield nil.
func TestOutcomesAndLacks(t *testing.T) {
	scope := expression.Scope{
		Tables: alert.From(map[string]any{"t": map[string]any{"a": 1, "b": map[string]any{"c": 2}}, "l": []any{3, "x"}}),
		Lets:   []string{"given", "missing"},
	}
	scope.Functions = map[string]expression.Function{}
	twice, _ := expression.Define("twice", []string{"x"}, `x + x`, nil)
	either, _ := expression.Define("either", []string{"c", "x"}, `c ? x : x`, nil)
	scope.Functions["twice"], scope.Functions["either"] = expression.Function{Definition: twice}, expression.Function{Definition: either}
	lets := [][]expression.Outcome{{{Value: alert.OfInt(7)}}, nil}
	lacking := []bool{false, true}
	for text, want := range map[string]string{
		`1`:                     "1; never",
		`nil`:                   "; from 0",
		`a`:                     "; from 0",
		`a ?? b`:                "; never",
		`a ?? 2`:                "2; never",
		`try(a)`:                "; from 0",
		`try(1)`:                "1; never",
		`int(a) ?? 2`:           "2; never",
		`default(a, "x")`:       "x; never",
		`a > 3 ? 1 : 2`:         "1 2; never",
		`a > 3 ? 1 : b.c`:       "1; from 12",
		`a > 3`:                 "; never",
		`lower(a)`:              "; from 6",
		`"x" + a`:               "; from 6",
		`tables.t[a]`:           "t.a=1; from 8",
		`tables.t[a][b]`:        "t.b=2; from 11",
		`get(tables.l, a) ?? 9`: "l.0=3 l.1=x 9; never",
		`given`:                 "7; never",
		`missing`:               "; from 0",
		`missing ?? given`:      "7; never",
		`let x = a; x`:          "; from 11",
		`let x = 1; x`:          "1; never",
		`map(a, 1)`:             "; from 4",
		`map([1], # + a)`:       "; never",
		`find(a, # > 1)`:        "; from 0",
		`max(a, 1)`:             "; never",
		`max(a, b)`:             "; from 0",
		`[a]`:                   "; never",
		`a and b`:               "; never",
		`line`:                  "; never",
		`regex(line, "x")`:      "; from 0",
		`a == 2 ? "no" : "yes"`: "no yes; never",

		// Through the arguments of functions, each seen once, however deep.
		`twice(lower(a ?? "x"))`:           "; never",
		`twice(lower(a))`:                  "; from 12",
		`either(a, a == 2 ? "no" : "yes")`: "no yes; never",
		`either(a, tables.t[b])`:           "t.a=1; from 18",
		strings.Repeat("either(a, ", 300) + `upper(b ?? "x")` + strings.Repeat(")", 300): "; never",
	} {
		p, faults := expression.Compile(text, scope)
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		var out []string
		for _, o := range p.Outcomes(lets) {
			s := string(o.Value.AppendText(nil))
			if o.Table != "" {
				s = o.Table + "." + o.Key + "=" + s
			}
			out = append(out, s)
		}
		got := strings.Join(out, " ") + "; never"
		if at, ok := p.Lacks(lacking); ok {
			got = strings.Join(out, " ") + fmt.Sprintf("; from %d", at)
		}
		if got != want {
			t.Errorf("%s\n  gives %s\n  want  %s", text, got, want)
		}
	}
}

// Law: ReadAt returns where a field is read first, and Tables has the tables that
// an expression names.
func TestPlacesOfReadsAndTables(t *testing.T) {
	const text = `tables.t[b.c] ?? tables[a] ?? (b.c + a)`
	p, faults := expression.Compile(text, expression.Scope{Tables: alert.From(map[string]any{"t": []any{}})})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for i, want := range []int{strings.Index(text, "b.c"), strings.Index(text, "[a]") + 1} {
		if got := p.ReadAt(i); got != (expression.Place{Offset: want}) {
			t.Errorf("%s is read at %+v, not at %d", p.Reads[i], got, want)
		}
	}
	if !slices.Equal(p.Tables, []string{"t", ""}) {
		t.Errorf("tables %q", p.Tables)
	}
}

// Law: what is put in place has its place in its own text.
func TestPlacesInFunctionsAndArguments(t *testing.T) {
	d, _ := expression.Define("f", []string{"x"}, `x.a == d ? "no" : x`, nil)
	scope := expression.Scope{Functions: map[string]expression.Function{"f": {Definition: d}}}
	arg, faults := expression.Bind(`b ?? "yes"`, scope)
	scope.Arguments = []expression.Argument{{Name: "p", Value: arg}}
	p, more := expression.Compile(`[f(c), f(p)][0] ?? f(p)`, scope)
	if len(faults)+len(more) > 0 {
		t.Fatal(faults, more)
	}
	got := map[string]expression.Place{}
	for i, path := range p.Reads {
		got[path.String()] = p.ReadAt(i)
	}
	for _, o := range p.Outcomes(nil) {
		got[o.Value.Text] = o.Place
	}
	want := map[string]expression.Place{
		"c.a": {Offset: 3}, "c": {Offset: 3}, "d": {Offset: 7, Function: d}, "no": {Offset: 11, Function: d}, "b": {Argument: arg}, "yes": {Offset: 5, Argument: arg},
	}
	if !maps.Equal(got, want) {
		t.Errorf("%+v\nwant %+v", got, want)
	}
}
