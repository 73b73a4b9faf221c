package expression

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sluice-lake/sluice/engine/alert"
)

// define makes a scope with functions, each written as `name(a, b): body`, in the
// order in which they call each other.
func define(t testing.TB, functions ...string) Scope {
	t.Helper()
	s := sampleScope
	s.Functions = map[string]Function{"guest": {Args: 1, Index: 0}}
	for _, text := range functions {
		head, body, _ := strings.Cut(text, "): ")
		name, params, _ := strings.Cut(head, "(")
		d, faults := Define(name, strings.FieldsFunc(params, func(r rune) bool { return r == ',' || r == ' ' }), body, nil)
		if faults = append(faults, d.Check(s)...); len(faults) > 0 {
			t.Fatalf("%s: %v", text, faults)
		}
		s.Functions[name] = Function{Definition: d}
	}
	return s
}

// A call is what its body gives with the arguments in place.
func TestInline(t *testing.T) {
	scope := define(t,
		`base(path): split(split(path, "\\")[-1], "/")[-1]`,
		`twice(x): [x, x]`,
		`name(user): user.name ?? "none"`,
		`second(of, key): of[key]`,
		`both(a, b): twice(name(a)) == twice(name(b))`,
		`among(x, list): any(list, # == x)`,
		`never(x): 1`,
		`own(x): (let v = x; v + v)`,
		`safe(x): [x ?? "bad", try(x)]`,
		`level(rule): rule`,
		`tactic(name): tables.tactics[name]`,
		`table(of, key): tables[of][key]`,
		`add(a, b): a + b`,
		`pattern(x, p): x matches p`,
		`named(len, md5): [len, len("abc"), md5, md5 == md5("a")]`,
	)
	for text, want := range map[string]string{
		`base("C:\\a/b.exe")`:                           `"b.exe"`,
		`base(rule.description)`:                        `"sshd: Failed"`,
		`twice(rule.level * 2)`:                         `[20,20]`,
		`name(data.users[1])`:                           `"bob"`,
		`name({"name": upper(who)})`:                    `"LET"`,
		`second(data, "srcip")`:                         `"10.1.2.3"`,
		`second(data.users, 0).name`:                    `"ann"`,
		`both(data.users[0], data.users[1])`:            `false`,
		`filter(data.users, among(#.name, ["bob"]))`:    `[{"age":"25","name":"bob"}]`,
		`map(data.users, twice(upper(#.name)))`:         `[["ANN","ANN"],["BOB","BOB"],["CY","CY"]]`,
		`map([1, 2], among(# + 1, [2]))`:                `[true,false]`,
		`map(["a"], map(twice(#), lower(#)))`:           `[["a","a"]]`,
		`never(1 / rule.level)`:                         `1`,
		`own(upper("a"))`:                               `"AA"`,
		`(let v = 2; own(v) + v)`:                       `6`,
		`safe(int(rule.description))`:                   `["bad",null]`,
		`safe(int("x"))`:                                `["bad",null]`,
		`level(nil).level ?? rule.level`:                `10`,
		`tactic("Impact")`:                              `"TA0040"`,
		`table("ports", data.srcport)`:                  `"ssh"`,
		`reduce([1, 2, 3], add(#acc, #))`:               `6`,
		`sum(data.users, add(int(#.age ?? 0), 1))`:      `58`,
		`named(7, "x")`:                                 `[7,3,"x",false]`,
		`sum([1, 2], count([1, 3], # > 0))`:             `5`, // of both, since the body looks at nothing
		`sum([1, 2], # + count([1, 3], # > 0))`:         `7`,
		`pattern("abc", "^a")`:                          `true`,
		`twice(it)[1][0]`:                               `"T1110"`,
		`twice(twice(twice(rule.level + 1)))[1][0][1]`:  `11`,
		`map([1, 2], twice(map([10, 20], # + 1)))`:      `[[[11,21],[11,21]],[[11,21],[11,21]]]`,
		`map(["x", "y"], second({"x": 1, "y": 2}, #))`:  `[1,2]`,
		`among(first(map([rule.level], # + 1)), [11])`:  `true`,
		`map([1, 2], any([2, 3], among(#, [3])) ? 1:0)`: `[1,1]`,
	} {
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		if got := shown(p.Run(NewMachine(), environment(p, true))); got != want {
			t.Errorf("%s gives %s, want %s", text, got, want)
		}
	}
}

// An argument that is a path is that path in the body, with the steps there.
func TestInlineReads(t *testing.T) {
	scope := define(t, `event(w): w.system.eventID`, `pick(w, k): w[k].x`, `both(w): [w.a, w.b]`, `deep(w): event(w.data)`, `nothing(w): 1`, `same(w): w`)
	scope.Lets, scope.Aliases = []string{"win", "made"}, [][]alert.Path{{{{Name: "data"}, {Name: "win"}}}, nil}
	for text, want := range map[string]string{
		`event(data.win)`:        "data.win.system.eventID path",
		`event(win)`:             "data.win.system.eventID path",
		`deep(alert)`:            "data.system.eventID path",
		`pick(data, "k")`:        "data.k.x path",
		`pick(data.list, 1)`:     "data.list.1.x path",
		`both(data)`:             "data.a data.b",
		`nothing(data.whole)`:    "",
		`same(data.x)`:           "data.x path",
		`same(made)`:             "",
		`event(upper(data.x))`:   "data.x",
		`event(data.a ?? b)`:     "b.system.eventID data.a data.a.system.eventID",
		`deep(data.a ?? win)`:    "data.win.data.system.eventID data.a data.a.data.system.eventID",
		`pick(a ?? b, c)`:        "a b c",
		`both(made ?? a)`:        "a",
		`both(fromJSON(data.x))`: "data.x",
	} {
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			t.Errorf("%s: %v", text, faults)
			continue
		}
		var got []string
		for _, path := range p.Reads {
			got = append(got, path.String())
		}
		if p.Path {
			got = append(got, "path")
		}
		if text == `event(win)` && (len(p.Lets) > 0 || len(p.Paths) != 1) {
			t.Errorf("%s evaluates lets %v, and stands for those %v", text, p.Lets, p.Paths)
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s reads %q, want %q", text, got, want)
		}
	}
}

// Behind `??` of paths stands what is behind the path that counts, as if it was
// evaluated first.
func TestBehindPaths(t *testing.T) {
	scope := define(t, `name(of): of.name`, `head(of): of[0].name`)
	scope.Lets, scope.Aliases = []string{"severity", "users"}, [][]alert.Path{nil, {{{Name: "nobody"}}, {{Name: "data"}, {Name: "users"}}}}
	for _, from := range []string{`(nobody ?? data.users[0])`, `(data.users[1] ?? data.users[0])`, `(empty ?? rule)`, `(data.srcip ?? data.users[0])`,
		`(nobody ?? empty ?? data.users[2] ?? rule)`, `(severity ?? data.users[0])`, `(alert ?? rule)`, `(it ?? rule)`, `(nobody ?? nothing)`} {
		want := value(t, scope, `let v = `+from+`; v.name`)
		for _, text := range []string{from + `.name`, `name(` + from + `)`, from + `["name"]`} {
			if got := value(t, scope, text); got != want {
				t.Errorf("%s gives %s, want %s", text, got, want)
			}
		}
	}
	if got := value(t, scope, `head(users ?? rule)`); got != `"ann"` {
		t.Error(got)
	}
}

func value(t *testing.T, scope Scope, text string) string {
	t.Helper()
	p, faults := Compile(text, scope)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", text, faults)
	}
	return shown(p.Run(NewMachine(), environment(p, true)))
}

// An argument that is used more than once is evaluated once, and only if it is
// used at all; one that is used for each item of a list, too.
func TestInlineOnce(t *testing.T) {
	scope := define(t, `twice(x): [x, x]`, `maybe(c, x): c ? [x, x] : nil`, `each(x): map([1, 2, 3], x)`, `same(x): x`, `fails(x): [x ?? 1, x ?? 2]`, `path(x): get(x, "a.b", 1)`)
	for text, want := range map[string]int{
		`twice(guest(1))`:                         1,
		`path(guest(1))`:                          1,
		`maybe(true, guest(1))`:                   1,
		`maybe(false, guest(1))`:                  0,
		`each(guest(1))`:                          1,
		`same(guest(1))`:                          1,
		`fails(guest(1))`:                         1,
		`map([1, 2], twice(guest(#)))`:            2,
		`twice(twice(twice(guest(1))))`:           1,
		`map([1, 2], each(twice(guest(#))))`:      2,
		`twice(guest(twice(guest(1))[0]))`:        2,
		`same(twice(guest(1))) == same(guest(2))`: 2,
	} {
		p, faults := Compile(text, scope)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", text, faults)
		}
		calls, m := 0, NewMachine()
		m.Guests = []func([]alert.Value) (alert.Value, error){func([]alert.Value) (alert.Value, error) {
			calls++
			return alert.OfInt(int64(calls)), fmt.Errorf("call %d", calls)
		}}
		if !strings.HasPrefix(text, "fails") {
			m.Guests[0] = func([]alert.Value) (alert.Value, error) { calls++; return alert.OfInt(7), nil }
		}
		for range 2 { // nothing is left over from the run before
			calls = 0
			if _, err := p.Run(m, environment(p, true)); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			if calls != want {
				t.Errorf("%s calls the guest %d times, want %d", text, calls, want)
			}
		}
	}
}

// Faults of a body are found when it is checked, those of an argument are reported
// at the argument, and what is wrong only together at the call.
func TestInlineFaults(t *testing.T) {
	scope := define(t, `f(x): x matches "a"`, `g(x): "a" matches x`, `h(x): g(x)`, `both(a, b): a and b`, `late(x): severity + x`, `twice(x): x ?? x`, `big(x): [`+strings.Repeat("x, ", 1500)+`x]`)
	broken, _ := Define("broken", []string{"x"}, `lowr(x)`, nil)
	if faults := broken.Check(scope); len(faults) != 1 || !strings.Contains(faults[0].Message, "there is no function `lowr`") {
		t.Fatal(faults)
	}
	scope.Functions["broken"] = Function{Definition: broken}
	for _, c := range []struct {
		text string
		want []string
	}{
		{`g("[")`, []string{"2 in function `g`: the pattern is not a regular expression"}},
		{`1 + h("[")`, []string{"6 in function `g`: the pattern is not a regular expression"}},
		{`f(lowr(x)) and both(1, lowr(x))`, []string{"2 there is no function `lowr`", "20 in function `both`: a condition", "23 there is no function `lowr`"}},
		{`f()`, []string{"0 f(x) takes 1 argument, not 0"}},
		{`both(a)`, []string{"0 both(a, b) takes 2 arguments, not 1"}},
		{`broken(1) + broken(lowr(x))`, []string{"19 there is no function `lowr`"}},
		{`both(1 / 0 > 1, true)`, []string{"7 this can never be evaluated"}},
		{`big(a) + big(b) + big(c)`, []string{"18 the expression has more than 4000 parts with function `big` in place"}},
		{`int(both(1 > 0, a) ? twice(a + b) : 1)`, []string{"29 `+` joins texts"}},
		{`bth(a, b)`, []string{"0 there is no function `bth`; did you mean `both`?"}},
	} {
		_, faults := Compile(c.text, scope)
		var got []string
		for _, f := range faults {
			got = append(got, fmt.Sprintf("%d %s", f.Offset, f.Message))
		}
		if !slices.EqualFunc(got, c.want, func(got, want string) bool { return strings.HasPrefix(got, want) }) {
			t.Errorf("%s\n%s", c.text, cmp.Diff(c.want, got))
		}
	}
	for body, want := range map[string]string{
		`it.x + p`: "`it` has no value in a function", `#`: "unexpected", `p and 5`: "a condition must be true", `p(1)`: "there is no function `p`",
		`p + regex(p, "(")`: "the pattern is not a regular expression",
	} {
		d, faults := Define("f", []string{"p"}, body, nil)
		faults = append(faults, d.Check(scope)...)
		if len(faults) != 1 || !strings.Contains(faults[0].Message, want) {
			t.Errorf("%s: %v, want %s", body, faults, want)
		}
	}
}

// A body that is too large or too deep to be put in place is a fault, soon.
func TestInlineBounds(t *testing.T) {
	functions := []string{`f0(x): [x, x, upper(x)]`}
	for i := range 60 {
		functions = append(functions, fmt.Sprintf(`f%d(x): [f%d(lower(x)), f%d(x)]`, i+1, i, i))
	}
	scope := sampleScope
	scope.Functions = map[string]Function{}
	for i, text := range functions {
		name := fmt.Sprintf("f%d", i)
		d, _ := Define(name, []string{"x"}, strings.SplitN(text, ": ", 2)[1], nil)
		if i < 5 {
			if faults := d.Check(scope); len(faults) > 0 {
				t.Fatal(faults)
			}
		}
		scope.Functions[name] = Function{Definition: d}
	}
	if _, faults := Compile(`f3(a)`, scope); len(faults) > 0 {
		t.Error(faults)
	}
	if _, faults := Compile(`1 + f60(a + b)`, scope); len(faults) != 1 || faults[0].Offset != 4 || !strings.Contains(faults[0].Message, "with function `f60` in place") {
		t.Error(faults)
	}
	loop, _ := Define("loop", []string{"x"}, `loop(x) + loop(x)`, nil)
	scope.Functions["loop"] = Function{Definition: loop}
	if _, faults := Compile(`loop(a)`, scope); len(faults) != 1 { // a caller that has not looked for recursion
		t.Error(faults)
	}
}

var param = regexp.MustCompile(`\b[pq]\b`)

// Law: a call means the same as its body with the arguments, in brackets, in the
// places of the parameters.
func FuzzInline(f *testing.F) {
	for seed := range 60 {
		f.Add([]byte(strings.Repeat(string(rune('A'+seed)), 3)+"\x05\x01\x09\x02\x0b\x03\x07"), []byte{byte(seed), 2, 7, byte(seed), 11}, []byte{byte(3 * seed), 8, 1})
	}
	m := NewMachine()
	f.Fuzz(func(t *testing.T, body, first, second []byte) {
		text := (&writer{bytes: body, depth: 1, leaves: []string{"p", "q", "p.a", "q[0]", `p["b"].a`, "p", "q", "b.c", "severity", `"x"`, "1"}}).expression()
		a, b := (&writer{bytes: first, depth: 2}).expression(), (&writer{bytes: second, depth: 2}).expression()
		d, faults := Define("f", []string{"p", "q"}, text, nil)
		if len(faults) > 0 || len(d.Check(sampleScope)) > 0 {
			return
		}
		scope := sampleScope
		scope.Functions = map[string]Function{"f": {Definition: d}}
		for _, arg := range []string{a, b} {
			if _, faults := Compile(arg, sampleScope); len(faults) > 0 {
				return // a fault even where the argument is not used
			}
		}
		call, faults := Compile(fmt.Sprintf("f(%s, %s)", a, b), scope)
		place := param.ReplaceAllStringFunc(text, func(p string) string {
			if p == "p" {
				return "(" + a + ")"
			}
			return "(" + b + ")"
		})
		expanded, others := Compile(place, sampleScope)
		if call == nil || expanded == nil {
			if call == nil && expanded != nil || call != nil && !strings.Contains(fmt.Sprint(others), "never") {
				t.Fatalf("f(%s, %s) with %s\ncall: %v\nin place: %v", a, b, text, faults, others)
			}
			return // a constant that fails is found at once, if it is not delayed
		}
		got, err := call.Run(m, environment(call, true))
		want, wrong := expanded.Run(m, environment(expanded, true))
		if (err == nil) != (wrong == nil) || err == nil && shown(got, nil) != shown(want, nil) {
			t.Errorf("f(%s, %s) with %s\ngives    %s\nin place %s", a, b, text, shown(got, err), shown(want, wrong))
		}
	})
}
