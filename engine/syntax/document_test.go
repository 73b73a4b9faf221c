package syntax

import (
	"strings"
	"testing"
)

// Law: no fault shows a part of an included file that is no part of a mapping,
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
