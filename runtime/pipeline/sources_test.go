package pipeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
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
	} {
		e := setOf(t, test.mappings...)
		named := make([]string, len(e.Mappings))
		for i, m := range e.Mappings {
			named[i] = m.Source
		}
		sources, err := Sources(e, test.given)
		if got := strings.Join(sources, " "); got != test.want || err != nil {
			t.Errorf("%q with %q given: %q, %v", named, test.given, got, err)
		}
		warnings := SourceWarnings(sources, test.given)
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

// A source of a mapping that cannot stand in a key is a fault that names the file;
// all of them are told. The one given is checked where it was read.
func TestFaultsOfSources(t *testing.T) {
	e := setOf(t, [2]string{findings, "a/b"}, [2]string{logins, ".."})
	_, err := Sources(e, "")
	if err == nil || !strings.Contains(err.Error(), "the `source:` of a.yaml") || !strings.Contains(err.Error(), "the `source:` of b.yaml") {
		t.Errorf("%v", err)
	}
	if sources, err := Sources(setOf(t, [2]string{findings, "a/b"}), "good"); err != nil || !slices.Equal(sources, []string{"good"}) {
		t.Errorf("%q, %v: a source that does not count is judged", sources, err)
	}
}
