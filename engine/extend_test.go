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
