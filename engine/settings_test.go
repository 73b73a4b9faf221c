package engine_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

const withSettings = `settings:
  version: 4.9.1
  quoted: "7"
  level: 3
  factor: 1.50
  final: true
event:
  message: =settings.version + "/" + settings.quoted
  status_detail: =settings.level
  comment: =settings.factor
  count: =settings.level + 1
  risk_score: "=settings.final ? settings.factor * 2 : 0"
  unmapped: {final: =settings.final, kinds: "=map([settings.version, settings.quoted, settings.level, settings.factor, settings.final], type(#))"}
`

func given(values map[string]string) engine.Options {
	return engine.Options{Setting: func(name string) (engine.Given, bool) {
		v, ok := values[name]
		return engine.Given{Value: v, Where: "--set " + name}, ok
	}}
}

func mappedWith(t *testing.T, text string, o engine.Options) (*engine.Engine, string) {
	t.Helper()
	e, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(text)}}, o)
	if err != nil {
		t.Fatal(err)
	}
	w := e.NewWorker()
	defer w.Close()
	r := w.Apply(`{"id":"1","timestamp":"2026-03-14T00:00:00Z"}`)
	if r.Outcome != engine.Event {
		t.Fatal(r.Reason)
	}
	return e, string(r.Events[0].Event.AppendJSON(nil))
}

// Law: a setting that is given is what it would be if the mapping had it as its
// default, in kind and spelling, and the digest tells the two from others.
func TestGivenSettings(t *testing.T) {
	text := whole(withSettings)
	before, plain := mappedWith(t, text, engine.Options{})
	for _, want := range []string{`"message":"4.9.1/7"`, `"status_detail":"3"`, `"comment":"1.50"`, `"count":4`, `"risk_score":3`, `"kinds.4":"bool"`, `"kinds.2":"int"`, `"kinds.1":"string"`} {
		if !strings.Contains(plain, want) {
			t.Errorf("%s is not in %s", want, plain)
		}
	}
	digests := map[string]string{before.Mappings[0].Digest: "final: true"}
	for _, c := range []struct{ name, given, written string }{
		{"version", "4.14.7", "4.14.7"}, {"version", "4.10", `"4.10"`}, {"version", "", `""`},
		{"quoted", "8", `"8"`}, {"level", "12", "12"}, {"level", "-1", "-1"}, {"factor", "2.50", "2.50"}, {"factor", "-4.0", "-4.0"},
		{"final", "no", "false"}, {"final", "OFF", "false"}, {"final", "1", "true"},
	} {
		e, got := mappedWith(t, text, given(map[string]string{c.name: c.given}))
		line := regexp.MustCompile(`(?m)^  ` + c.name + `: .*$`)
		if _, want := mappedWith(t, line.ReplaceAllString(text, "  "+c.name+": "+c.written), engine.Options{}); got != want {
			t.Errorf("%s=%s:\n%s\nas the default:\n%s", c.name, c.given, got, want)
		}
		for _, s := range e.Mappings[0].Settings {
			if s.Given != (s.Name == c.name) {
				t.Errorf("%s=%s: %+v", c.name, c.given, s)
			}
		}
		value := c.name + ": " + c.written
		if d := e.Mappings[0].Digest; digests[d] != "" && digests[d] != value {
			t.Errorf("%s=%s has the digest of %s", c.name, c.given, digests[d])
		} else {
			digests[d] = value
		}
	}
}

// A value is text as it is, and no expression.
func TestASettingIsNoExpression(t *testing.T) {
	if _, got := mappedWith(t, whole(withSettings), given(map[string]string{"version": "=rule.level"})); !strings.Contains(got, `"message":"=rule.level/7"`) {
		t.Error(got)
	}
}

// A value of another kind than the default is a fault at the default, with the cure.
func TestSettingsOfAnotherKind(t *testing.T) {
	for _, c := range []struct{ name, value, says string }{
		{"level", "high", "m.yaml:7:10: setting `level` is a whole number, and --set level is \"high\": set it to a whole number, or put quotes around this default"},
		{"level", "1.5", "is a whole number"}, {"level", "", "is a whole number"}, {"level", "99999999999999999999", "is a whole number"},
		{"factor", "x", "m.yaml:8:11: setting `factor` is a number"}, {"final", "maybe", "m.yaml:9:10: setting `final` is true or false"},
		{"version", "\xff", "m.yaml:5:12: setting `version` is text, and --set version is not UTF-8"},
	} {
		_, err := engine.Compile([]engine.File{{Name: "m.yaml", Text: []byte(whole(withSettings))}}, given(map[string]string{c.name: c.value}))
		if faults, ok := err.(syntax.Faults); !ok || len(faults) != 1 || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s=%q: %v", c.name, c.value, err)
		}
	}
}

// Settings of an included file are settings of the mapping, and the digest covers
// that file, wherever it is.
func TestIncludedSettings(t *testing.T) {
	compile := func(folder, fragment string) *engine.Engine {
		e, err := engine.Compile([]engine.File{{Name: folder + "m.yaml", Text: []byte(whole("include: f.yaml\nevent:\n  message: =settings.tenant\n")),
			Includes: map[string]syntax.Include{folder + "f.yaml": {Text: []byte(fragment)}}}}, given(map[string]string{"tenant": "b"}))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	a, b, c := compile("", "settings: {tenant: a}\n"), compile("x/y/", "settings: {tenant: a}\n"), compile("", "settings: {tenant: a} \n")
	if s := a.Mappings[0].Settings; len(s) != 1 || s[0] != (engine.Setting{Name: "tenant", Value: "b", Given: true}) {
		t.Errorf("%+v", s)
	}
	if a.Mappings[0].Digest != b.Mappings[0].Digest || a.Mappings[0].Digest == c.Mappings[0].Digest || len(a.Mappings[0].Digest) != 64 {
		t.Errorf("%s, elsewhere %s, with another fragment %s", a.Mappings[0].Digest, b.Mappings[0].Digest, c.Mappings[0].Digest)
	}
}
