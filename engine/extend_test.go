package engine_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// A mapping that extends another is that other, but for the keys that it has itself.
func TestExtends(t *testing.T) {
	base := "source: a\npriority: 3\notherwise: next\nwhen: =rule.level > 1\nlet: {who: =data.user}\n" +
		"include: f.yaml\nevent:\n  message: =who + settings.sign\n"
	files := map[string]string{
		"packs/base.yaml":  whole(base),
		"packs/f.yaml":     "settings: {sign: \"!\"}\n",
		"packs/other.yaml": "mapping: my/other\nextends: base.yaml\nabsent: [\"-\"]\n",
	}
	compile := func(text string) engine.Mapping {
		f := engine.File{Name: "m.yaml", Text: []byte(text), Includes: map[string]syntax.Include{}}
		for name, text := range files {
			f.Includes[name] = syntax.Include{Text: []byte(text)}
		}
		e, err := engine.Compile([]engine.File{f}, engine.Options{})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for rest, message := range map[string]string{
			`"rule":{"level":2},"data":{"user":"ann"}}`: `"message":"ann!"`,
			`"rule":{"level":2},"data":{"user":"-"}}`:   "",
		} {
			r := e.NewWorker().Apply(`{"id":"1","timestamp":"2026-03-14T09:26:53Z",` + rest)
			if r.Outcome != engine.Event {
				t.Fatalf("%s\nmakes no event: %s", text, r.Reason)
			}
			if got := string(r.Events[0].Event.AppendJSON(nil)); strings.Contains(got, `"message"`) != (message != "") || !strings.Contains(got, message) {
				t.Errorf("%s\ngives %s, want %s", text, got, message)
			}
		}
		if r := e.NewWorker().Apply(`{"rule":{"level":1}}`); r.Outcome != engine.Unmatched {
			t.Errorf("the condition is lost: %v", r)
		}
		return e.Mappings[0]
	}
	short := compile("mapping: my/m\nextends: packs/other.yaml\nsource: b\n")
	if short.Source != "b" || short.Name != "my/m" {
		t.Errorf("the mapping is %s with the source %q", short.Name, short.Source)
	}
	if bare := compile("mapping: my/m\nextends: packs/other.yaml\n"); bare.Source != "" {
		t.Errorf("the source %q is from the other mapping", bare.Source)
	}
}

// What a variant defines takes the place of what has the same name in the mapping that it
// extends, and in what that includes, for all that uses it there; also by way of another variant.
func TestAVariantReplaces(t *testing.T) {
	base := whole("include: f.yaml\nlet:\n  early: a\n  whole: =early + two + settings.sign + tables.t[\"k\"] + f(\"x\")\n" +
		"event:\n  message: =whole\n  comment: {$part: p}\n")
	files := map[string]string{
		"packs/base.yaml": base,
		"packs/f.yaml": "settings: {sign: \"!\"}\nlet: {two: b}\ntables: {t: {k: c, gone: z}}\n" +
			"functions: {f(x): =x}\nparts: {p: =early}\n",
		"packs/mine.yaml":  "include: more.yaml\nlet: {early: I}\n",
		"packs/more.yaml":  "let: {two: M}\nparts: {p: =two}\n",
		"packs/t.csv":      "key,value\nk,C\n",
		"packs/other.yaml": "mapping: my/other\nextends: base.yaml\nlet: {two: B}\ntables: {t: {file: t.csv, key: key, value: value}}\n",
	}
	for variant, want := range map[string][2]string{
		"extends: packs/base.yaml\n":                                            {"ab!cx", "a"},
		"extends: packs/base.yaml\nlet: {early: A}\n":                           {"Ab!cx", "A"},
		"extends: packs/base.yaml\nlet: {two: =early + early}\n":                {"aaa!cx", "a"}, // early is behind two
		"extends: packs/base.yaml\nsettings: {sign: \"?\"}\n":                   {"ab?cx", "a"},
		"extends: packs/base.yaml\ntables: {t: {k: d}}\n":                       {"ab!dx", "a"},
		"extends: packs/base.yaml\nfunctions: {f(x): =x + x}\n":                 {"ab!cxx", "a"},
		"extends: packs/base.yaml\ninclude: packs/mine.yaml\n":                  {"IM!cx", "M"},
		"include: packs/mine.yaml\nextends: packs/base.yaml\nlet: {three: a}\n": {"IM!cx", "M"},
		"extends: packs/base.yaml\ninclude: packs/mine.yaml\nlet: {two: a}\n":   {"", ""}, // two files of the variant have it
		"extends: packs/base.yaml\nparts: {p: =two}\n":                          {"ab!cx", "b"},
		"extends: packs/other.yaml\n":                                           {"aB!Cx", "a"},
		"extends: packs/other.yaml\nlet: {two: \"2\"}\ntables: {t: {k: d}}\n":   {"a2!dx", "a"},
	} {
		f := engine.File{Name: "m.yaml", Text: []byte("mapping: my/m\n" + variant), Includes: map[string]syntax.Include{}}
		for name, text := range files {
			f.Includes[name] = syntax.Include{Text: []byte(text)}
		}
		e, err := engine.Compile([]engine.File{f}, engine.Options{})
		if want[0] == "" {
			if err == nil || !strings.Contains(err.Error(), "already defined at packs/more.yaml") {
				t.Errorf("%s\ncompiles: %v", variant, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v\n%s", err, variant)
			continue
		}
		r := e.NewWorker().Apply(`{"id":"1","timestamp":"2026-03-14T09:26:53Z"}`)
		if r.Outcome != engine.Event {
			t.Fatalf("%s\nmakes no event: %s", variant, r.Reason)
		}
		got := string(r.Events[0].Event.AppendJSON(nil))
		if !strings.Contains(got, `"message":"`+want[0]+`"`) || !strings.Contains(got, `"comment":"`+want[1]+`"`) {
			t.Errorf("%s\ngives %s, want %s", variant, got, want)
		}
	}
}

// A let of a variant may use every let that is written before it, new or old, wherever the one is that
// it replaces; and what is in the place of others is seen by all that uses these.
func TestLetsOfAVariantAreInOrder(t *testing.T) {
	base := whole("functions: {f(x): =x + user}\nlet:\n  early: =data.a\n  level: =rule.level\n  user: =data.user\n  risk: =level * 2\n  tenant: =data.tenant\n  seen: =manager.name\n" +
		"event:\n  message: =early + ' ' + level + ' ' + risk\n  comment: =f(early) + tenant + seen\n")
	middle := "mapping: my/middle\nextends: base.yaml\nlet:\n  weight: =risk * 10\n  early: =weight\n"
	for _, c := range []struct{ extends, lets, message, fault string }{
		{"base", "high: =user == 'root'\n  level: '=high ? 5 : 1'", "A 5 10", ""},
		{"base", "level: \"=user == 'root' ? 5 : 1\"", "A 5 10", ""},
		{"base", "early: =f('x')", "xroot 3 6", ""},
		{"base", "a: =user\n  b: =a + '!'\n  c: =b + early\n  level: =len(c)", "A 6 12", ""},
		{"base", "level: 7", "A 7 14", ""},
		{"base", "level: '=let user = 4; user'", "A 4 8", ""},
		{"base", "level: =data.risk ?? len('risk')", "A 4 8", ""},
		{"middle", "level: 1", "20 1 2", ""},
		{"middle", "risk: =len(tenant)", "10 3 1", ""},
		{"base", "level: '=high ? 5 : 1'\n  high: =true", "", "m.yaml:4:12: let high is defined later; move it up"},
		{"base", "level: =risk", "", "m.yaml:4:11: let level cannot use let risk, which uses it: level → risk → level; let one of them"},
		{"base", "high: =risk\n  level: =high", "", "m.yaml:5:11: let level cannot use let high, which uses it: level → high → risk → level"},
		{"base", "user: =f('x')", "", "m.yaml:4:10: in function `f`: let user cannot use itself"},
		{"middle", "tenant: =weight\n  risk: =len(tenant)", "", "m.yaml:5:14: let risk cannot use let tenant, which uses it: risk → tenant → weight → risk"},
		{"base", "manager: =data.a", "", "packs/base.yaml:11:10: let manager is defined later, at m.yaml:4:3: give it another name if"},
		{"base", "manager: =data.a\n  level: =manager", "", "packs/base.yaml:11:10: let manager is defined later, at m.yaml:4:3: give it another name if"},
	} {
		f := engine.File{Name: "m.yaml", Text: []byte("mapping: my/m\nextends: packs/" + c.extends + ".yaml\nlet:\n  " + c.lets + "\n"),
			Includes: map[string]syntax.Include{"packs/base.yaml": {Text: []byte(base)}, "packs/middle.yaml": {Text: []byte(middle)}}}
		e, err := engine.Compile([]engine.File{f}, engine.Options{})
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s\nshould have the fault %q: %v", f.Text, c.fault, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v\n%s", err, f.Text)
			continue
		}
		r := e.NewWorker().Apply(`{"id":"1","timestamp":"2026-03-14T09:26:53Z","rule":{"level":3},"data":{"a":"A","user":"root","tenant":"T"}}`)
		if r.Outcome != engine.Event {
			t.Fatalf("%s\nmakes no event: %s", f.Text, r.Reason)
		}
		if got := string(r.Events[0].Event.AppendJSON(nil)); !strings.Contains(got, `"message":"`+c.message+`"`) {
			t.Errorf("%s\ngives %s, want %s", f.Text, got, c.message)
		}
	}
}

// A variant may build its event on that of the mapping that it extends, as on a part: as a whole, or
// attribute by attribute, and by way of another variant.
func TestAVariantBuildsOnAnEvent(t *testing.T) {
	files := map[string]string{
		"packs/base.yaml": whole("parts: {more: {name: a, owner: {uid: o}}}\nevent:\n  message: =data.a\n  comment: base\n" +
			"  resources: [{$part: more, uid: r}]\n  unmapped: {$rest: true}\n"),
		"packs/bare.yaml": "mapping: my/bare\nextends: base.yaml\npriority: 3\n",
		"packs/own.yaml":  "mapping: my/own\nextends: bare.yaml\nevent: {$part: event, comment: own}\n",
	}
	for _, c := range []struct{ base, event, has, hasNot, fault string }{
		{"base", "$part: event", `"comment":"base"`, "", ""},
		{"base", "$part: event\n  comment: new", `"comment":"new"`, `base`, ""},
		{"bare", "$part: event\n  comment: new", `"message":"A"`, `base`, ""},
		{"own", "$part: event", `"comment":"own"`, `base`, ""},
		{"own", "$part: event\n  comment: new", `"comment":"new"`, `:"own"`, ""},
		{"own", "$part: event\n  message: {$part: event.comment}", `"message":"own"`, ``, ""},
		{"base", "$part: event\n  unmapped: {$part: event.unmapped, tenant: acme}", `"unmapped":{"tenant":"acme","data.b":"B"}`, "", ""},
		{"base", "$part: event\n  metadata: {$part: event.metadata, log_name: l}", `"metadata":{"log_name":"l","product":{`, "", ""},
		{"base", "$part: event\n  metadata:\n    product: {$part: event.metadata.product, version: 5}", `"product":{"name":"Wazuh","vendor_name":"Wazuh","version":"5"}`, "", ""},
		{"base", "$part: event\n  resources: [{name: b}, {$part: event.resources}]", `"resources":[{"name":"b"},{"name":"a","owner":{"uid":"o"},"uid":"r"}]`, "", ""},
		{"base", "$part: event\n  comment: {$part: event.nothing}", "", "", "m.yaml:5:20: the event of the mapping that this one extends has no `nothing`"},
		{"base", "$part: event\n  comment: {$part: event.message.x}", "", "", "m.yaml:5:20: the event of the mapping that this one extends has no `message.x`"},
		{"base", "$part: event\n  metadata: {$part: event.comment, log_name: l}", "", "", "m.yaml:5:21: part `event.comment` is a single value: only a part that is an object"},
		{"base", "comment: new", "", "", "m.yaml:3:1: detection_finding requires `activity_id` (integer_t): add it, or begin the event with `$part: event`, that of the mapping that this one extends"},
	} {
		f := engine.File{Name: "m.yaml", Text: []byte("mapping: my/m\nextends: packs/" + c.base + ".yaml\nevent:\n  " + c.event + "\n"), Includes: map[string]syntax.Include{}}
		for name, text := range files {
			f.Includes[name] = syntax.Include{Text: []byte(text)}
		}
		e, err := engine.Compile([]engine.File{f}, engine.Options{})
		if c.fault != "" || err != nil {
			if c.fault == "" || err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%s\nhas the fault %v, not %q", f.Text, err, c.fault)
			}
			continue
		}
		r := e.NewWorker().Apply(`{"id":"1","timestamp":"2026-03-14T09:26:53Z","data":{"a":"A","b":"B"}}`)
		if r.Outcome != engine.Event {
			t.Fatalf("%s\nmakes no event: %s", f.Text, r.Reason)
		}
		if got := string(r.Events[0].Event.AppendJSON(nil)); !strings.Contains(got, c.has) || c.hasNot != "" && strings.Contains(got, c.hasNot) {
			t.Errorf("%s\ngives %s, which should have %s and not %s", f.Text, got, c.has, c.hasNot)
		}
	}
}
