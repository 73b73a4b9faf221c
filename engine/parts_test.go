package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// mapsTo maps one alert by a mapping and the files that it includes.
func mapsTo(t *testing.T, mapping string, includes map[string]string, alert string) string {
	t.Helper()
	files := []engine.File{{Name: "m.yaml", Text: []byte(whole(mapping + "\n")), Includes: map[string]syntax.Include{}}}
	for name, text := range includes {
		files[0].Includes[name] = syntax.Include{Text: []byte(text)}
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, mapping)
	}
	r := e.NewWorker().Apply(alert)
	if r.Outcome != engine.Event {
		t.Fatalf("no event: %s", r.Reason)
	}
	return string(r.Events[0].Event.AppendJSON(nil))
}

// A mapping with parts and functions gives the event that it gives with all of
// them written out.
func TestPartsAreInPlace(t *testing.T) {
	const alert = `{"id":"7","timestamp":"2026-03-14T09:26:53Z","user":{"name":"own"},"agent":{"id":"001","name":"web"},
		"data":{"users":[{"name":"ann","groups":["a","b"]},{"name":"bob"}],"x":"X","path":"C:\\a\\b.exe","win":{"system":{"id":"4624","channel":"S"}}}}`
	for _, c := range []struct{ name, parts, inline string }{
		{"an object", `parts: {a: {uid: =agent.id, name: =agent.name}}
event:
  resources: [{$part: a}]`, `event:
  resources: [{uid: =agent.id, name: =agent.name}]`},
		{"lines beside it win whole", `parts: {a: {uid: =agent.id, owner: {name: =data.x, uid: "1"}}}
event:
  resources: [{owner: {name: z}, $part: a}]`, `event:
  resources: [{uid: =agent.id, owner: {name: z}}]`},
		{"a single object as a list", `parts: {a: {uid: =agent.id}}
event:
  resources: {$part: a}`, `event:
  resources: {uid: =agent.id}`},
		{"items of a list", `parts: {l: [{uid: a}, {uid: =agent.id}]}
event:
  resources: [{uid: z}, {$part: l}, {uid: y}]`, `event:
  resources: [{uid: z}, {uid: a}, {uid: =agent.id}, {uid: y}]`},
		{"in place of a list", `parts: {l: [=data.x, b]}
event:
  resources: [{uid: z, labels: {$part: l}}]`, `event:
  resources: [{uid: z, labels: [=data.x, b]}]`},
		{"single values", `parts: {c: 3, e: =data.x, "f(x)": =lower(x)}
event:
  count: {$part: c}
  message: {$part: e}
  comment: {$part: f(data.x)}`, `event:
  count: 3
  message: =data.x
  comment: =lower(data.x)`},
		{"parts of parts", `parts:
  inner(a, b): {name: =a, uid: =b + a}
  outer(b): {uid: =b, owner: {$part: "inner(b, upper(data.x + b))"}}
event:
  resources: [{$part: outer(agent.id)}]`, `event:
  resources: [{uid: =agent.id, owner: {name: =agent.id, uid: "=upper(data.x + agent.id) + agent.id"}}]`},
		{"an element as argument", `parts:
  user(u): {name: =u.name, labels: ["=u.groups", "=u.name + index"]}
event:
  resources:
    - $each: =data.users as user
      $part: user(user)`, `event:
  resources:
    - $each: =data.users
      name: =it.name
      labels: ["=it.groups", "=it.name + index"]`},
		{"the $each of a part", `parts:
  users(list, of): {$each: =list as of_list, name: =of_list.name, uid: =of}
event:
  resources: [{$part: "users(data.users, agent.id)"}, {$part: "users([agent], data.x)"}]`, `event:
  resources:
    - {$each: =data.users, name: =it.name, uid: =agent.id}
    - {$each: "=[agent]", name: =it.name, uid: =data.x}`},
		{"names of elements at several depths", `parts:
  tactics(of, t): [{$each: =of.groups as of_them, uid: =of_them, name: "=t.name + of.name + index"}]
event:
  finding_info:
    uid: u
    title: t
    attacks:
      - $each: =data.users as user
        version: v13.1
        technique: {uid: =user.name}
        tactics: {$part: "tactics(user, it)"}`, `event:
  finding_info:
    uid: u
    title: t
    attacks:
      - $each: =data.users as user
        version: v13.1
        technique: {uid: =user.name}
        tactics: [{$each: =user.groups, uid: =it, name: "=user.name + user.name + index"}]`},
		{"the name of an element does not reach into a part", `parts: {n: {name: =name.name}}
event:
  resources: [{$each: =data.users as u, $part: n, uid: =u.name}]`, `event:
  resources: [{$each: =data.users, name: =name.name, uid: =it.name}]`},
		{"its own $when, and one beside it", `parts: {a: {$when: =agent.id == "002", uid: =agent.id}}
event:
  resources: [{$part: a}, {$part: a, $when: =true}]`, `event:
  resources: [{$when: "=agent.id == '002'", uid: =agent.id}, {$when: =true, uid: =agent.id}]`},
		{"paths as arguments", `let: {w: =data.win}
functions: {"id_of(w)": =w.system.id}
parts: {"p(x)": {uid: =id_of(x), name: =x.system.channel}}
event:
  resources: [{$part: p(w)}]
  unmapped: {$rest: true}`, `event:
  resources: [{uid: =data.win.system.id, name: =data.win.system.channel}]
  unmapped: {$rest: true}`},
		{"the rest", `parts: {rest: {$rest: true, own: =data.x}}
event:
  message: =agent.name
  unmapped: {$part: rest, other: b}`, `event:
  message: =agent.name
  unmapped: {$rest: true, own: =data.x, other: b}`},
		{"a function of files", `functions: {"base(path)": '=split(path, "\\")[-1]'}
event:
  message: =base(data.path)
  comment: =base(data.path) + base("a\\b")`, `event:
  message: '=split(data.path, "\\")[-1]'
  comment: '=split(data.path, "\\")[-1] + "b"'`},
	} {
		if diff := cmp.Diff(mapsTo(t, c.inline, nil, alert), mapsTo(t, c.parts, nil, alert)); diff != "" {
			t.Errorf("%s (-written out +with parts):\n%s", c.name, diff)
		}
	}
}

// Parts that use each other many levels deep, each argument with all parameters in
// it, compile or are refused at once.
func TestDeepParts(t *testing.T) {
	for _, argument := range []string{"a", "a + b"} {
		mapping := "parts:\n  p0(a, b): {name: =a + b, uid: =a}\n"
		for i := range 50 {
			mapping += fmt.Sprintf("  p%d(a, b): {$part: \"p%d(%s, b)\"}\n", i+1, i, argument)
		}
		mapping += "event:\n  resources: {$part: \"p50(rule.id, rule.level)\"}\n"
		_, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(mapping))}}, engine.Options{})
		if err != nil {
			t.Errorf("%s: %v", argument, err)
		}
	}
	_, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(doubling(50)))}}, engine.Options{})
	if err == nil || !strings.Contains(err.Error(), "more than 2000 parts") {
		t.Errorf("arguments that double 50 times: %v", err)
	}
}

// Only what parts add counts against the bound of a mapping, and where they exceed
// it, that is a fault.
func TestPartsOfLargeMappings(t *testing.T) {
	for _, values := range []int{60_000, 99_900} {
		mapping := "tables: {t: [" + strings.Repeat("1,", values) + "]}\nparts:\n  p: {uid: =id, name: =id}\nevent:\n  resources: [{name: \"=tables.t[rule.level]\"}" +
			strings.Repeat(", {$part: p}", 30) + "]\n"
		_, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(mapping))}}, engine.Options{})
		if fits := values < 99_900; fits != (err == nil) {
			t.Errorf("with %d values: %v", values, err)
		}
	}
}

// doubling is a mapping whose parts double an argument.
func doubling(levels int) string {
	mapping := "parts:\n  p0(a): {name: =a, uid: =a + a}\n"
	for i := range levels {
		mapping += fmt.Sprintf("  p%d(a): {$part: p%d(a + a)}\n", i+1, i)
	}
	return mapping + fmt.Sprintf("event:\n  resources: {$part: p%d(id)}\n", levels)
}

// Parts and functions come from included files, and use what those define.
func TestIncludedParts(t *testing.T) {
	includes := map[string]string{
		"shared/a.yaml": "include: b.yaml\nparts: {agent: {uid: =agent_id, owner: {$part: owner(data.x)}}}\nlet: {agent_id: =agent.id}\n",
		"shared/b.yaml": "functions: {\"twice(x)\": =x + x}\nparts: {\"owner(x)\": {name: =twice(x), uid: =tables.t.u}}\ntables: {t: {u: v}}\n",
	}
	got := mapsTo(t, "include: shared/a.yaml\nevent:\n  resources: [{$part: agent}]\n  message: =twice(id)\n", includes, `{"id":"7","agent":{"id":"1"},"data":{"x":"y"}}`)
	for _, want := range []string{`"message":"77"`, `"resources":[{"owner":{"name":"yy","uid":"v"},"uid":"1"}]`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
}

// An explanation says of which part a rule is, where it is used and with which
// arguments, and which functions are in a rule.
func TestExplainParts(t *testing.T) {
	const mapping = "functions:\n  shout(x): =upper(x)\nparts:\n  named(n): {name: =shout(n), owner: {$part: owner(n)}}\n  owner(m): {name: =m}\nevent:\n  resources:\n    - $each: =data.l as e\n      $part: named(e.x)\n      uid: =e.x + index\n"
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(mapping))}}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := e.NewWorker().Explain(`{"data":{"l":[{"x":"a"}]}}`)
	seen := map[string]string{}
	for _, a := range x.Attributes {
		if a.Rule == nil || !strings.HasPrefix(a.Path, "resources[0].") {
			continue
		}
		s := fmt.Sprintf("%d:%d %s", a.Rule.Pos.Line, a.Rule.Pos.Col, a.Rule.Text)
		for u := a.Rule.Pos.Use; u != nil; u = u.Pos.Use {
			s += fmt.Sprintf(" in %s at %d:%d", u.Part.Signature(), u.Pos.Line, u.Pos.Col)
			for _, arg := range u.Args {
				s += " with " + arg.Text
			}
		}
		for _, f := range a.From.Functions {
			s += " " + f.Signature + " " + f.Text
		}
		for _, element := range a.From.Elements {
			s += " " + element.Name + "=" + element.Value
		}
		seen[a.Path] = s
	}
	want := map[string]string{
		"resources[0].name":       `7:20 =shout(n) in named(n) at 12:14 with e.x shout(x) =upper(x) e={"x":"a"}`,
		"resources[0].owner.name": `8:20 =m in owner(m) at 7:46 with n in named(n) at 12:14 with e.x e={"x":"a"}`,
		"resources[0].uid":        `13:12 =e.x + index e={"x":"a"} index=0`,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
}
