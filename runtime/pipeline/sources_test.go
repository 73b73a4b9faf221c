package pipeline

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/settings"
)

const (
	findings = `schema: 1.1.0
class: security_finding
event:
  activity_id: 1
  severity_id: 1
  state_id: 1
  time: =timestamp
  finding: {uid: =id, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`
	logins = `schema: 1.1.0
class: authentication
event:
  activity_id: 1
  severity_id: 1
  time: =timestamp
  user: {name: n}
  service: {name: s}
  metadata: {product: {name: n, vendor_name: v}}
`
)

// noise makes no events, and shorter has other attributes than findings.
const (
	noise   = "drop: true\nwhen: =rule.level == 0\n"
	shorter = findings + "  message: =rule.description\n"
)

// setOf compiles a set of mappings a, b, …, each a text and the source it names.
func setOf(t *testing.T, mappings ...[2]string) *engine.Engine {
	t.Helper()
	var files []engine.File
	for i, m := range mappings {
		name := string(rune('a' + i))
		text := "mapping: " + name + "\n" + m[0]
		if m[1] != "" {
			text += "source: '" + m[1] + "'\n"
		}
		files = append(files, engine.File{Name: name + ".yaml", Text: []byte(text)})
	}
	e, err := engine.Compile(files, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Law: the source given wins where the mappings fill one source; where they fill
// several, each keeps the one that it names.
func TestSources(t *testing.T) {
	for _, test := range []struct {
		mappings [][2]string
		given    string
		want     string
		warned   string // a part of the warning, "" for none
	}{
		{[][2]string{{findings, ""}}, "", "wazuh", ""},
		{[][2]string{{findings, ""}}, "given", "given", ""},
		{[][2]string{{findings, "own"}}, "", "own", ""},
		{[][2]string{{findings, "own"}}, "given", "given", ""},
		{[][2]string{{findings, "own"}, {findings, "own"}}, "given", "given given", ""},
		{[][2]string{{findings, "own"}, {findings, ""}}, "given", "given given", ""},
		{[][2]string{{findings, "own"}, {findings, ""}}, "", "own wazuh", ""},
		{[][2]string{{findings, "one"}, {findings, "two"}}, "given", "one two", "SOURCE_LOCATION is not used"},
		{[][2]string{{findings, "one"}, {findings, "two"}, {findings, ""}}, "given", "one two given", ""},
		{[][2]string{{findings, "one"}, {logins, "two"}}, "", "one two", ""},
		{[][2]string{{findings, "own"}, {noise, ""}}, "given", "given ", ""},
		{[][2]string{{findings, "one"}, {logins, "two"}, {noise, ""}}, "", "one two ", ""},
		{[][2]string{{findings, "own"}, {shorter, "own"}}, "", "own own", ""},
		{[][2]string{{findings, "own"}, {shorter, ""}}, "given", "given given", ""},
		{[][2]string{{findings, "one"}, {logins, "two"}}, "given", "one two", "SOURCE_LOCATION is not used"},
		{[][2]string{{findings, "one"}, {logins, "two"}}, "two", "one two", ""},
		{[][2]string{{findings, strings.Repeat("s", 21)}}, "", strings.Repeat("s", 21), "at most 20"},
		{[][2]string{{findings, "-a"}, {logins, "-b"}}, "", "wazuh-a wazuh-b", ""},
		{[][2]string{{findings, "-a"}, {logins, "-b"}, {noise, ""}}, "given", "given-a given-b ", ""},
		{[][2]string{{findings, "-a"}, {logins, "fixed"}}, "given", "given-a fixed", ""},
		{[][2]string{{findings, "-a"}, {shorter, "-a"}}, "given", "given given", ""},
		{[][2]string{{findings, "-a"}}, "", "wazuh-a", ""},
		{[][2]string{{findings, "-a"}, {logins, "-logins"}}, strings.Repeat("s", 18), strings.Repeat("s", 18) + "-a " + strings.Repeat("s", 13) + "-logins", "is cut"},
		{[][2]string{{findings, "-a"}, {logins, "-logins"}}, "site.of-the-.company", "site.of-the-.compa-a site.of-the-logins", "is cut"},
	} {
		e := setOf(t, test.mappings...)
		named := make([]string, len(e.Mappings))
		for i, m := range e.Mappings {
			named[i] = m.Source
		}
		sources := Sources(e, &settings.Settings{Source: test.given})
		if got := strings.Join(sources, " "); got != test.want {
			t.Errorf("%q with %q given: %q", named, test.given, got)
		}
		warnings := SourceWarnings(e, &settings.Settings{Source: test.given}, sources)
		if said := strings.Join(warnings, "; "); len(warnings) > 1 || !strings.Contains(said, test.warned) || test.warned == "" && said != "" {
			t.Errorf("%q with %q given: warned %q", named, test.given, said)
		}
		for i, m := range e.Mappings {
			if m.Source != named[i] {
				t.Errorf("%q with %q given: the engine was changed", named, test.given)
			}
		}
	}
}

// Law: the source of a class is that of its mappings, whatever else is said.
func TestClassSources(t *testing.T) {
	e := setOf(t, [2]string{findings, "-a"}, [2]string{logins, "own"}, [2]string{shorter, "-a"})
	s := &settings.Settings{Source: "given", ClassSources: map[string]string{"authentication": "one", "security_finding": "two", "file_activity": "three"}}
	sources := Sources(e, s)
	if got := strings.Join(sources, " "); got != "two one two" {
		t.Errorf("%s", got)
	}
	if w := strings.Join(SourceWarnings(e, s, sources), "; "); !strings.Contains(w, `"three" is not used`) || strings.Contains(w, "SOURCE_LOCATION") {
		t.Errorf("warned %q", w)
	}
	s = &settings.Settings{ClassSources: map[string]string{"security_finding": "alone"}}
	if sources := Sources(setOf(t, [2]string{findings, "own"}), s); sources[0] != "alone" {
		t.Errorf("%q", sources)
	}
}
