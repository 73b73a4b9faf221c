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
		"packs/t.csv":      "key,value\nk,C\n",
		"packs/other.yaml": "mapping: my/other\nextends: base.yaml\nlet: {two: B}\ntables: {t: {file: t.csv, key: key, value: value}}\n",
	}
	for variant, want := range map[string][2]string{
		"extends: packs/base.yaml\n":                                          {"ab!cx", "a"},
		"extends: packs/base.yaml\nlet: {early: A}\n":                         {"Ab!cx", "A"},
		"extends: packs/base.yaml\nlet: {two: =early + early}\n":              {"", ""}, // early is behind two
		"extends: packs/base.yaml\nsettings: {sign: \"?\"}\n":                 {"ab?cx", "a"},
		"extends: packs/base.yaml\ntables: {t: {k: d}}\n":                     {"ab!dx", "a"},
		"extends: packs/base.yaml\nfunctions: {f(x): =x + x}\n":               {"ab!cxx", "a"},
		"extends: packs/base.yaml\nparts: {p: =two}\n":                        {"ab!cx", "b"},
		"extends: packs/other.yaml\n":                                         {"aB!Cx", "a"},
		"extends: packs/other.yaml\nlet: {two: \"2\"}\ntables: {t: {k: d}}\n": {"a2!dx", "a"},
	} {
		f := engine.File{Name: "m.yaml", Text: []byte("mapping: my/m\n" + variant), Includes: map[string]syntax.Include{}}
		for name, text := range files {
			f.Includes[name] = syntax.Include{Text: []byte(text)}
		}
		e, err := engine.Compile([]engine.File{f}, engine.Options{})
		if want[0] == "" {
			if err == nil || !strings.Contains(err.Error(), "m.yaml:3:") {
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
