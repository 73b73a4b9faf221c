package cli

import (
	"encoding/json"
	"io"
)

// writeTestsSchema prints the JSON Schema of test files, for draft 7. It does not
// look into events: which attributes they have depends on the mapping.
func writeTestsSchema(w io.Writer) error {
	event := describe("Attributes that the event must have, with their values; null for one that it must not have. Lists are compared with all their items.", object{"type": "object"})
	yes := func(text string) object { return describe(text, object{"const": true}) }
	expect := object{
		"type": "object", "additionalProperties": false,
		"properties": object{
			"event":     event,
			"events":    describe("What each of the events must have that a set makes of the alert, in the order of its mappings.", object{"type": "array", "minItems": 1, "items": event}),
			"whole":     describe("The event must have no other attributes than those named.", object{"type": "boolean"}),
			"reject":    describe("A regular expression for the reason of the reject.", object{"type": "string"}),
			"unmatched": yes("No mapping takes the alert."),
			"dropped":   yes("A mapping or a transform drops the alert."),
		},
		"oneOf": []any{given("event"), given("events"), given("reject"), given("unmatched"), given("dropped")},
	}
	test := object{
		"type": "object", "additionalProperties": false, "required": []string{"name"},
		"properties": object{
			"name":       describe("What the test shows, in a few words.", object{"type": "string", "minLength": 1}),
			"alert":      describe("The alert: an object, or JSON as text.", object{"type": []string{"object", "string"}}),
			"alert_file": describe("A file that has the alert, with the line behind a colon, as in alerts.ndjson:3.", object{"type": "string", "minLength": 1}),
			"expect":     describe("What must become of the alert; sluice test --update writes it.", expect),
		},
		"oneOf": []any{given("alert"), given("alert_file")},
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	return e.Encode(object{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "sluice tests",
		"description": "Tests of NAME.yaml in NAME_test.yaml, or of all mappings of a folder in _test.yaml: alerts, and what must become of them.",
		"type":        "array", "items": test,
	})
}

func given(key string) object { return object{"required": []string{key}} }
