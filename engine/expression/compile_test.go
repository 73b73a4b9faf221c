package expression

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/function"
)

// A fault is written as its offset and a part of its message.
func TestFaults(t *testing.T) {
	later := func(name string) string {
		if name != "late" {
			return ""
		}
		return "let late is defined later; move it up"
	}
	scope := Scope{
		Lets: []string{"early"}, Later: later, Self: "me",
		Tables:    alert.From(map[string]any{"tactics": map[string]any{}}),
		Functions: map[string]Function{"risk": {Args: 2}, "many": {Args: -1}},
	}
	for _, c := range []struct {
		text string
		want []string
	}{
		{`early + late`, []string{"8 let late is defined later; move it up"}},
		{`upper(me) ?? alert.me`, []string{"6 let me cannot use itself; for the alert's own field write alert.me"}},
		{`let me = 1; me`, nil},
		{`it[0]`, []string{"0 `it` has a value only inside $each"}},
		{`tables.tacticz.x`, []string{"7 there is no table `tacticz`; did you mean `tactics`?"}},
		{`tables["zzzzzz"]`, []string{"7 there is no table `zzzzzz`; define it"}},
		{`lowr(x)`, []string{"0 there is no function `lowr`; did you mean `lower`?"}},
		{`x == 1 and fooBarBaz(1)`, []string{"11 there is no function `fooBarBaz`; functions of your own"}},
		{`"ö" + lowr(x)`, []string{"7 there is no function `lowr`"}}, // ö has two bytes
		{`lower()`, []string{"0 lower takes 1 argument, not 0"}},
		{`replace(a, b)`, []string{"0 replace takes 3 to 4 arguments, not 2"}},
		{`default(a)`, []string{"0 default takes 2 arguments, not 1"}},
		{`try()`, []string{"0 try takes 1 argument, not 0"}},
		{`try(1 / 0) + 1 / 0`, []string{"15 this can never be evaluated"}},
		{`1 ?? (1 / 0)`, []string{"8 this can never be evaluated"}},
		{`zip()`, []string{"0 zip takes 1 argument or more, not 0"}},
		{`risk(a)`, []string{"0 risk takes 2 arguments, not 1"}},
		{`many() + risk(1, 2)`, nil},
		{`filter(a)`, []string{"an argument is missing"}},
		{`now()`, []string{"0 now is not available: expressions give the same result every time"}},
		{`date("2024-01-01")`, []string{"0 date is not available"}},
		{`now() == lowr(late)`, []string{"0 now", "9 there is no function `lowr`", "14 let late"}},
		{`regex(a, "x(")`, []string{"9 the pattern is not a regular expression: missing closing )"}},
		{`a matches "["`, []string{"10 the pattern is not a regular expression"}},
		{`regex(a, "x(y)", 2)`, []string{"17 the pattern has no such group"}},
		{`inCIDR(a, "10.0.0.0/33")`, []string{"10 inCIDR needs networks"}},
		{`parseKV(a, ";", "")`, []string{"16 a separator is the empty text"}},
		{`parse_json(a)`, []string{"0 there is no function `parse_json`; did you mean `fromJSON`?"}},
		{`mapEach(a, 1)`, []string{"0 there is no function `mapEach`; did you mean `map`?"}},
		{`exists(a.b)`, []string{"0 there is no function `exists`; write `x != nil`"}},
		{`keys(split(a, ","))`, []string{"5 keys takes an object here, not a list: keys(object), as in keys("}},
		{`take(a, "x")`, []string{"8 take takes a whole number here, not this text: take(list, n), as in take("}},
		{`try(take(a, "x"))`, nil},
		{`take(a, 1.5) ?? 1`, nil},
		{`regexReplace(a, "(x)", "$1y")`, []string{"23 the pattern has no group `1y`; write `${1}y`"}},
		{`regexReplace(a, "(?P<n>x)", "$n ${n}-$$5 $ ${ $1")`, nil},
		{`regexReplace(a, "x", "a$0b")`, []string{"21 the pattern has no group `0b`; write `${0}b`"}},
		{`regexReplace(a, "x", "US$5")`, []string{"21 the pattern has no group `5`; it has 0, and `$$` is a dollar sign"}},
		{`regexAll(a, "(")`, []string{"12 the pattern is not a regular expression"}},
		{`1 / 0`, []string{"2 this can never be evaluated: division by zero"}},
		{`map([1], # / 0)`, []string{"0 the expression can never be evaluated: division by zero"}},
		{`"x" ? 1 : 2`, []string{"0 a condition must be true or false"}},
		{`a and 5`, []string{"6 a condition must be true or false"}},
		{`filter(a, "x" + "y")`, []string{"14 a condition must be true or false"}},
		{`map(a, #foo)`, []string{"7 there is no `#foo`"}},
		{`map(a, #acc)`, []string{"7 `#acc` is the accumulator of reduce"}},
		{`a.b()`, []string{"2 there are no methods here"}},
		{`let len = 1; len`, []string{"4 `len` is the name of a function"}},
		{`a +`, []string{"3 the expression ends too early"}},
		{`(a`, []string{"2 the expression ends too early"}},
		{`a b`, []string{"2 unexpected `b`"}},
		{`a ?? b == c`, []string{"7 `??` and other operators"}},
		{`b + "a`, []string{"4 a text is not closed"}},
		{`b + "\q"`, []string{"6 a text has a bad escape"}},
		{`a = 1`, []string{"2 unexpected `=`; to compare write `==`"}},
		{`a & b`, []string{"2 unexpected `&`; write `and`"}},
		{`a.1`, []string{"unexpected `.1`"}},
		{`a.+`, []string{"a name must follow the dot"}},
		{`a == 99999999999999999999`, []string{"5 the number is malformed or does not fit into 64 bits"}},
		{`a == 0xzZaA90_`, []string{"5 the number is malformed or does not fit into 64 bits"}},
		{`a == 1.5e`, []string{"5 the number is malformed or does not fit into 64 bits"}},
		{`az.AZ_09.@fieldsAZaz_09.c`, []string{`9 a name with @ is written in brackets: az.AZ_09["@fieldsAZaz_09"]`}},
		{`@timestamp`, []string{`0 a name with @ is written in brackets: alert["@timestamp"]`}},
		{`{+: 1}`, []string{"1 a map key must be"}},
		{`rule.description.contains("x")`, []string{"17 there are no methods here"}},
		{`$env.rule`, []string{"0 there is no `$env`; the whole alert is `alert`"}},
		{`a § b`, []string{"2 unrecognized character"}},
		{``, []string{"0 the expression is empty"}},
		{"\xff", []string{"0 the expression is not valid UTF-8"}},
		{`b"\xff"`, []string{"byte literals"}},
		{strings.Repeat("a", maxSource+1), []string{"0 the expression has 16385 bytes"}},
		{strings.Repeat("a+", maxNodes) + "a", []string{"more than 2000 parts"}},
		{strings.Repeat("(a<", 40) + "b" + strings.Repeat("<c)", 40), []string{"0 the expression has more than 2000 parts"}},
		{strings.Repeat("(", 8000) + "a" + strings.Repeat(")", 8000), nil},
	} {
		p, faults := Compile(c.text, scope)
		if (p == nil) != (len(faults) > 0) || len(faults) != len(c.want) {
			t.Errorf("%.60s\n  gives faults %v, want %q", c.text, faults, c.want)
			continue
		}
		for i, f := range faults {
			if got := fmt.Sprintf("%d %s", f.Offset, f.Message); !strings.Contains(got, c.want[i]) || strings.Contains(got, "\n") {
				t.Errorf("%.60s\n  fault %q\n  want  %q", c.text, got, c.want[i])
			}
			if f.Offset < 0 || f.Offset > len(c.text) {
				t.Errorf("%.60s: offset %d is outside the text", c.text, f.Offset)
			}
		}
	}
}

// What is offered for the names of other languages exists, and they are not names
// of ours.
func TestElsewhere(t *testing.T) {
	known := Functions()
	for theirs, ours := range elsewhere {
		if unmarked(theirs) != theirs || !slices.Contains(known, ours) || slices.Contains(known, theirs) {
			t.Errorf("%s: %s", theirs, ours)
		}
	}
	for theirs, idiom := range idioms {
		if _, faults := Compile(idiom, Scope{}); len(faults) > 0 || unmarked(theirs) != theirs || slices.Contains(known, theirs) || elsewhere[theirs] != "" {
			t.Errorf("%s: %s: %v", theirs, idiom, faults)
		}
	}
}

func TestFacts(t *testing.T) {
	type facts struct {
		Reads                string
		Lets, Elements       []int
		Line, Constant, Path bool
		Yields               Kinds
	}
	scope := Scope{Lets: []string{"a", "b"}, Elements: []string{""}, Tables: alert.From(map[string]any{"t": map[string]any{"x": "y"}})}
	for text, want := range map[string]facts{
		`rule.level`:                        {Reads: "rule.level", Path: true, Yields: Any},
		`alert`:                             {Reads: "", Path: true, Yields: Object},
		`alert["a b"].c[0]`:                 {Reads: `["a b"].c.0`, Path: true, Yields: Any},
		`x.y[z][1]`:                         {Reads: "x.y z", Yields: Any},
		`x.y + x.y + x`:                     {Reads: "x.y x", Yields: Nil | function.Number | Text},
		`b + a + b`:                         {Lets: []int{0, 1}, Yields: Nil | function.Number | Text},
		`it[0] == nil`:                      {Elements: []int{0}, Yields: Bool},
		`line`:                              {Line: true, Yields: Text},
		`"a" + 1`:                           {Constant: true, Yields: Text},
		`tables.t.x`:                        {Constant: true, Yields: Text},
		`tables.t[k]`:                       {Reads: "k", Yields: Any},
		`map([1, 2], # + 1)`:                {Constant: true, Yields: List},
		`x >= 15 ? 5 : x >= 11 ? 4 : 3`:     {Reads: "x", Yields: Int},
		`x ?? "none"`:                       {Reads: "x", Yields: Any &^ Nil},
		`int(1.5) ?? "none"`:                {Constant: true, Yields: Int},
		`(x > 1) ?? "none"`:                 {Reads: "x", Yields: Bool | Text},
		`try(x > 1)`:                        {Reads: "x", Yields: Bool | Nil},
		`lower(x)`:                          {Reads: "x", Yields: Text | Nil},
		`let x = 1; x`:                      {Yields: Int, Constant: true},
		`filter(x, .a == b)`:                {Reads: "x", Lets: []int{1}, Yields: List | Nil},
		`upper("a") == lower("B") and true`: {Constant: true, Yields: Bool},
	} {
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		var reads []string
		for _, path := range p.Reads {
			reads = append(reads, path.String())
		}
		got := facts{strings.Join(reads, " "), p.Lets, p.Elements, p.Line, p.Constant, p.Path, p.Yields}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestLetNames(t *testing.T) {
	for _, name := range []string{"line", "alert", "it", "tables", "in", "not", "let", "nil", "len", "zip", "filter", "now", "default", "a-b", "", "1a"} {
		if CheckLetName(name) == nil || CheckFunctionName(name) == nil {
			t.Errorf("%q is taken for a name of one's own", name)
		}
	}
	for _, name := range []string{"severity_id", "größe", "rule"} {
		if err := CheckLetName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		v     alert.Value
		holds bool
		fails bool
	}{
		{alert.OfBool(true), true, false},
		{alert.OfBool(false), false, false},
		{alert.Value{}, false, false},
		{alert.OfText("true"), false, true},
		{alert.OfInt(1), false, true},
		{alert.From([]any{true}), false, true},
	} {
		holds, err := Condition(c.v)
		if holds != c.holds || (err != nil) != c.fails {
			t.Errorf("%+v: Condition %v %v", c.v, holds, err)
		}
	}
}

func TestGuests(t *testing.T) {
	scope := Scope{Functions: map[string]Function{"other": {Args: -1}, "risk": {Args: 2, Index: 1}}}
	p, faults := Compile(`lower(risk(ip, 3))`, scope)
	if len(faults) > 0 || p.Constant {
		t.Fatalf("faults %v, constant %v", faults, p.Constant)
	}
	m := NewMachine()
	env := &Env{Values: []alert.Value{alert.OfText("A")}}
	if _, err := p.Run(m, env); err != errNoGuest {
		t.Errorf("error %v without guests", err)
	}
	m.Guests = []func([]alert.Value) (alert.Value, error){nil, func(args []alert.Value) (alert.Value, error) {
		if args[0].Kind == alert.Nil {
			return alert.Value{}, fmt.Errorf("no address")
		}
		return alert.OfText(args[0].Text + "!"), nil
	}}
	v, err := p.Run(m, env)
	if err != nil || v.Text != "a!" {
		t.Errorf("gives %q, %v", v.Text, err)
	}
	if _, err = p.Run(m, &Env{Values: []alert.Value{{}}}); err == nil || err.Error() != "no address" {
		t.Errorf("error %v, want the guest's own", err)
	}
}

// Env.Let may run another program on the same machine, in the middle of a loop.
func TestNestedRuns(t *testing.T) {
	inner, _ := Compile(`map(1..3, # * n)`, Scope{})
	outer, faults := Compile(`map([1, 2], sum(own) + #)`, Scope{Lets: []string{"own"}})
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	m := NewMachine()
	env := &Env{Let: func(int) (alert.Value, error) {
		return inner.Run(m, &Env{Values: []alert.Value{alert.OfInt(10)}})
	}}
	if got := shown(outer.Run(m, env)); got != "[61,62]" {
		t.Errorf("gives %s, want [61,62]", got)
	}
}
