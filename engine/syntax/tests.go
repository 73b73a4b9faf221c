package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Test is one test of a mapping: an alert and its expected outcome.
type Test struct {
	Pos  Pos
	Name string
	// Alert is the alert as one line: its text, or the JSON of a YAML object. It is
	// "" if AlertFile names the alert.
	Alert string
	// AlertFile is the file that has the alert, as it is written, and AlertLine
	// the line in it, from 1.
	AlertFile Text
	AlertLine int64
	Expect    Expect
}

var testKeys = []string{"name", "alert", "alert_file", "expect"}

// ParseTests parses a file of tests. It returns every fault of the file, and the
// tests as far as they could be read.
func ParseTests(file string, src []byte) ([]Test, Faults) {
	p := &parser{file: file, seen: map[*yaml.Node]bool{}}
	root := p.testRoot(src)
	if root == nil {
		return nil, p.faults
	}
	var tests []Test
	names, alerts := map[string]int{}, 0
	for _, n := range root.Content {
		if n = p.follow(n); n == nil {
			continue
		}
		if n.Kind != yaml.MappingNode {
			p.faults.Add(p.pos(n), "a test holds `name`, `alert` and `expect`, not %s", kindName(n))
			continue
		}
		t := p.test(n)
		if line, ok := names[t.Name]; ok && t.Name != "" {
			p.faults.Add(t.Pos, "the name %q is already used by the test on line %d: give each test its own", t.Name, line)
		}
		if alerts += len(t.Alert); t.TooManyAlerts(alerts, &p.faults) {
			return nil, p.faults
		}
		names[t.Name] = t.Pos.Line
		tests = append(tests, t)
	}
	return tests, p.faults
}

// testRoot returns the root of the file, which is a list.
func (p *parser) testRoot(src []byte) *yaml.Node {
	top := posAt(p.file, 1, 1)
	switch {
	case len(src) > MaxTestBytes:
		p.faults.Add(top, "the test file has %d bytes, the limit is %d: put long alerts into files of their own, named by `alert_file`", len(src), MaxTestBytes)
		return nil
	case !utf8.Valid(src):
		p.faults.Add(top, "the test file is not UTF-8 text: save it as UTF-8")
		return nil
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	p.lines, p.last = strings.Split(text, "\n"), characters{}
	docs, err := decode(text)
	if err != nil {
		p.yamlFault(err)
		return nil
	}
	if len(docs) == 0 || len(docs[0].Content) == 0 || docs[0].Content[0].Tag == "!!null" {
		p.faults.Add(top, "the test file is empty: it is a list of tests, each `- name: …` with `alert` and `expect`")
		return nil
	}
	if len(docs) > 1 {
		p.faults.Add(p.pos(docs[1]), "a second YAML document: keep all tests of a mapping in one list")
	}
	root := docs[0].Content[0]
	if root.Kind != yaml.SequenceNode {
		p.faults.Add(p.pos(root), "a test file is a list of tests, each `- name: …`; this is %s", kindName(root))
		return nil
	}
	return root
}

// Bounds of a file of tests: its bytes, and those of all alerts that it has or names, each as
// often as a test uses it.
const (
	MaxTestBytes  = 8 << 20
	MaxTestAlerts = 64 << 20
)

// TooManyAlerts reports whether the alerts of a file of tests, up to that of this one, have too
// many bytes, and then adds that to the faults.
func (t *Test) TooManyAlerts(bytes int, faults *Faults) bool {
	if bytes > MaxTestAlerts {
		faults.Add(t.Pos, "the alerts of the tests up to here have more than %d MiB: put some of the tests into another file", MaxTestAlerts>>20)
	}
	return bytes > MaxTestAlerts
}

func (p *parser) test(n *yaml.Node) Test {
	t := Test{Pos: p.pos(n)}
	given := map[string]bool{}
	for _, kv := range p.pairs(n) {
		given[kv.key.Value] = true
		switch kv.key.Value {
		case "name":
			t.Name = p.text(kv).Value
		case "alert":
			t.Alert = p.alertText(kv.value)
		case "alert_file":
			t.AlertFile, t.AlertLine = p.alertFile(kv)
		case "expect":
			t.Expect = p.expect(kv)
		case "event", "events", "whole", "reject", "unmatched", "dropped":
			p.faults.Add(p.pos(kv.key), "`%s` belongs under `expect`", kv.key.Value)
		default:
			p.faults.Add(p.pos(kv.key), "unknown key `%s` in a test%s", kv.key.Value, orList(kv.key.Value, testKeys))
		}
	}
	switch {
	case !given["name"]:
		p.faults.Add(t.Pos, "the test lacks `name`: say in a few words what it shows")
	case !given["alert"] && !given["alert_file"]:
		p.faults.Add(t.Pos, "the test lacks `alert` (an object, or JSON as text) or `alert_file`")
	case given["alert"] && given["alert_file"]:
		p.faults.Add(t.Pos, "the test has `alert` and `alert_file`: give one of them")
	}
	return t
}

// alertFile splits PATH:LINE; the line is 1 if it is missing.
func (p *parser) alertFile(kv pair) (Text, int64) {
	t := p.text(kv)
	if name, line, ok := strings.Cut(t.Value, ":"); ok {
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil || n < 1 {
			p.faults.Add(t.Pos, "`alert_file` is a path, or a path with a line as in alerts.ndjson:3, not %q", t.Value)
		}
		t.Value = name
		return t, n
	}
	return t, 1
}

// alertText returns the alert as one line.
func (p *parser) alertText(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return strings.TrimRight(n.Value, "\r\n")
	}
	return string(p.appendJSON(nil, n, 0))
}
