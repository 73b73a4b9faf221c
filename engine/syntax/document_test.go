package syntax

import (
	"reflect"
	"strings"
	"testing"
)

// Law: no fault shows a part of an included file that is not part of a mapping,
// whatever its form; and a fault in a file that is one has its place there.
func TestOtherFilesAreNotQuoted(t *testing.T) {
	const mapping = "mapping: m\nschema: 1.1.0\nclass: base_event\ninclude: other.yaml\nevent: {severity_id: 1}\n"
	for _, text := range []string{
		"root:$6$hunter2:19000:0:99999:7:::\nbin:*:19000::::::\n", "hunter2\n", "password: hunter2\n", "- hunter2\n", "{\"hunter2\": 1}", "\"hunter2",
		"key: [hunter2\n", "a: b: hunter2\n", "settings:\n  x: 1\npassword: hunter2\ntoken: hunter2\n", "let: hunter2: [\nuser: a\npassword: hunter2\n",
		"\xffhunter2", "-----BEGIN PRIVATE KEY-----\nhunter2==\n", "%hunter2\n", "\thunter2: 1\n", "*hunter2\n", "hunter2: &hunter2 !!hunter2 x\n", "---\nhunter2: 1\n---\nhunter2: 2\n",
	} {
		_, err := Parse("m.yaml", NewDocument([]byte(mapping)), map[string]Include{"other.yaml": {Text: []byte(text)}})
		if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.HasPrefix(err.Error(), "m.yaml:4:10: other.yaml cannot be included") {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, place := range map[string]string{
		"let: {a: 1\n": "other.yaml:", "let:\n  a: =nothing(\n": "", "tabels: {}\nlet: {a: 1}\n": "other.yaml:1:1: ", "let:\n\ta: 1\n": "other.yaml:2:",
	} {
		_, err := Parse("m.yaml", NewDocument([]byte(mapping)), map[string]Include{"other.yaml": {Text: []byte(text)}})
		if place != "" && (err == nil || !strings.Contains(err.Error(), place)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Law: what a mapping is does not depend on which mappings were read before it that include the
// same documents: not its values, their places, nor its faults.
func TestMappingsShareDocuments(t *testing.T) {
	const head = "mapping: m\nschema: 1.1.0\nclass: base_event\ninclude: other.yaml\n"
	many := strings.Repeat("    - {$part: p(rule.id)}\n", maxNodes/8)
	fragments := []string{
		"let:\n  a: =rule.id\n  b: 'text'\n  c: |\n    =x +\n      y\nparts:\n  p(x):\n    message: =x\n    types: [=a, =b]\n    one: {$part: q}\n  q: {name: =c}\n",
		"let:\n  a: >\n    =folded\n  b: =rule.id\nparts:\n  p(x): {message: =}\n  q: &q\n    name: *q\n",
		"parts:\n  p(x): &x {a: [1, 2, 3, 4, 5, 6, 7, 8], b: =x}\n  q: *x\n  deep: " + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + "\n",
	}
	for _, fragment := range fragments {
		shared := Include{Text: []byte(fragment), Document: NewDocument([]byte(fragment))}
		for _, event := range []string{
			"event: {severity_id: 1}\n", "event:\n  $part: p(rule.level)\n  other: {$part: q}\n", "event:\n  a:\n" + many, "let: {a: =id}\nevent: {$part: p(a)}\n",
		} {
			for _, name := range []string{"other.yaml", "folder/other.yaml"} {
				file := strings.TrimSuffix(name, "other.yaml") + "m.yaml"
				text := []byte(head + event)
				want, wantFaults := Parse(file, NewDocument(text), map[string]Include{name: {Text: []byte(fragment)}})
				got, gotFaults := Parse(file, NewDocument(text), map[string]Include{name: shared})
				if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotFaults, wantFaults) {
					t.Errorf("%s with %.40q in %s: the mapping of a document that was read before differs; its faults are\n%v\nand not\n%v", event[:20], fragment, name, gotFaults, wantFaults)
				}
			}
		}
	}
}
