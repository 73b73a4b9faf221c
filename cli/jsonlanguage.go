package cli

import (
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// hover is what an editor shows of an attribute.
func hover(a *ocsf.Attribute) string {
	var b strings.Builder
	b.WriteString(a.Caption + ": " + a.TypeName() + ", " + requirementWord(a.Requirement) + ".")
	switch {
	case a.Object != nil && a.Array:
		b.WriteString(" A list of objects: give items, or one with $each to make an item for each element.")
	case a.Object != nil:
	case a.Array:
		b.WriteString(" A list: one value is taken for a list of one, and items without a value drop out.")
	case a.Type.Kind == ocsf.Timestamp || a.Type.Kind == ocsf.Datetime:
		b.WriteString(" A time: RFC 3339 and Wazuh's own text, or seconds or milliseconds since 1970.")
	}
	if len(a.Enum) > 0 {
		b.WriteString(" Values: " + enumText(a) + ".")
	}
	if a.Sibling != "" && len(a.Enum) > 0 {
		b.WriteString(" Its caption goes into " + a.Sibling + " by itself, or a caption there gives this id.")
	}
	if len(a.Profiles) > 0 {
		b.WriteString(" Only with the profile " + strings.Join(a.Profiles, " or ") + ".")
	}
	if a.Deprecated != "" {
		b.WriteString(" Deprecated since OCSF " + a.Deprecated + ".")
	}
	return b.String()
}

// describe adds hover text to a piece.
func describe(text string, o object) object {
	o["description"] = text
	return o
}

func anyOf(choices ...any) object { return object{"anyOf": choices} }

// languageTypes are the definitions that no class is needed for.
func languageTypes() object {
	written := object{"type": "string", "pattern": `^\n*=`, "defaultSnippets": snippets()}
	scalar := object{"type": []string{"string", "number", "boolean"}}
	return object{
		"expression": describe("An expression: it starts with = and reads the alert's fields by their names.", written),
		"$each": describe("An expression that gives a list: the object is made once for each element, which is bound to `it`, and to NAME in `=list as NAME`; `index` is its position.",
			object{"type": "string", "pattern": `^\n*=`}),
		"$when":   describe("A condition: the object is made where it holds.", object{"type": "string", "pattern": `^\n*=`}),
		"digits":  object{"type": "string", "pattern": "^-?[0-9]+$"},
		"value":   anyOf(scalar, ref("expression")),
		"boolean": anyOf(object{"type": "boolean"}, ref("expression"), object{"enum": []string{"true", "false", "yes", "no"}}),
		"integer": anyOf(object{"type": "integer"}, ref("expression"), ref("digits")),
		"number":  anyOf(object{"type": "number"}, ref("expression"), object{"type": "string", "pattern": `^-?[0-9.]+([eE][-+]?[0-9]+)?$`}),
		"time":    anyOf(object{"type": "number"}, object{"type": "string"}),
		"data":    object{"type": []string{"object", "array", "string", "number", "boolean", "null"}},
		"open":    object{"type": "object", "additionalProperties": anyOf(ref("value"), ref("open"))},
		"$part": describe("The name of a part, which stands here in its place; with arguments if it has parameters: sums(md5, sha1). Lines beside it win. In a mapping that extends another, event is the event of that, and event.metadata what it has there.",
			object{"type": "string", "pattern": `^(event(\.[A-Za-z0-9_]+)+|[A-Za-z_][A-Za-z0-9_]* *(\((.|\n)*\))?)\s*$`}),
		"part":     objectOf([]string{"$part"}, object{"$part": ref("$part")}),
		"unmapped": unmapped(),
		"module":   moduleType(),
		"$from": objectOf([]string{"$from"}, object{
			"$from": describe("event: an observable for each attribute of the event that is one.", object{"enum": []string{"event"}}),
			"only":  describe("Only these attributes or types.", ref("selection")),
			"not":   describe("All but these attributes or types.", ref("selection")),
		}),
		"selection": describe("An attribute such as evidences[].src_endpoint.ip, a type such as ip_t, IP Address or 2, or a list of them.",
			anyOf(object{"type": []string{"string", "integer"}}, object{"type": "array", "items": object{"type": []string{"string", "integer"}}, "minItems": 1})),
		"function": objectOf([]string{"wasm"}, moduleProperties(object{
			"export": describe("The function's name in the module; the name here when left out.", object{"type": "string"}),
			"args":   describe("How many arguments it takes; any number when left out.", object{"type": "integer", "minimum": 0}),
		})),
		"transform": objectOf([]string{"wasm", "stage"}, moduleProperties(object{
			"stage": describe("alert: before the mapping; event: after it.", object{"enum": []string{"alert", "event"}}),
		})),
	}
}

// snippets are what editors offer to complete an expression: a call of each
// function, with what it gives.
func snippets() (all []object) {
	for _, f := range expression.Definitions() {
		var args []string
		hash := false
		for i, p := range f.Takes {
			if p.Optional {
				break
			}
			args = append(args, fmt.Sprintf("${%d:%s}", i+1, strings.TrimSuffix(p.Name, "…")))
			hash = hash || strings.HasPrefix(p.Name, "#")
		}
		body := "=" + f.Name + "(" + strings.Join(args, ", ") + ")"
		if hash { // it would begin a comment
			body = "'" + body + "'"
		}
		all = append(all, object{"label": f.Signature(), "description": fmt.Sprintf("%s: %s gives %s", f.Means, f.Example, f.Gives), "body": body})
	}
	return all
}

func unmapped() object {
	return object{"type": "object", "additionalProperties": anyOf(ref("value"), ref("open")), "properties": object{
		"$part": ref("$part"),
		"$rest": describe("Keep every leaf of the alert that no rule above reads, as text.", object{"type": "boolean"}),
	}}
}

func moduleType() object {
	return describe("A WebAssembly file, beside the mapping.", object{"type": "string"})
}

func objectOf(required []string, properties object) object {
	return object{"type": "object", "required": required, "properties": properties, "additionalProperties": false}
}

// moduleProperties adds what functions and transforms have in common.
func moduleProperties(own object) object {
	grant := object{"enum": []string{"clock", "random"}}
	whole := func() object { return object{"type": "integer", "minimum": 0} }
	memory := whole()
	memory["maximum"] = 4096
	own["wasm"] = ref("module")
	own["sha256"] = describe("The digest that the file must have, in hex.", object{"type": "string", "pattern": "^[0-9a-fA-F]{64}$"})
	own["config"] = describe("Plain data that the module gets when it starts.", ref("data"))
	own["on_error"] = describe("What becomes of the alert when the guest fails.", object{"enum": []string{"reject", "skip"}})
	own["limits"] = objectOf([]string{}, object{
		"memory_mib": describe(fmt.Sprintf("Memory of one guest, in MiB; %d when left out or 0.", wasm.DefaultMemoryPages*wasm.PageBytes>>20), memory),
		"timeout_ms": describe(fmt.Sprintf("Time for one call, in milliseconds; %d when left out, 0 for no limit.", wasm.DefaultTimeout.Milliseconds()), object{"type": "integer", "minimum": 0}),
		"result_kib": describe(fmt.Sprintf("Size of one result, in KiB; %d when left out or 0.", wasm.DefaultResultBytes>>10), whole()),
	})
	own["grant"] = describe("What is withheld by default: clock, random.", anyOf(grant, object{"type": "array", "items": grant}))
	own["fresh"] = describe("A new instance for each call.", object{"type": "boolean"})
	return own
}

// anyGiven holds for an object that has any of the keys.
func anyGiven(keys ...string) object {
	var some []any
	for _, k := range keys {
		some = append(some, object{"required": []string{k}})
	}
	return object{"anyOf": some}
}

// What names may be, and names with parameters.
const (
	namePattern      = "^[A-Za-z_][A-Za-z0-9_]*$"
	signaturePattern = `^[A-Za-z_][A-Za-z0-9_]* *\([A-Za-z0-9_, ]*\) *$`
)

// head is the schema of a mapping file but for its event.
func head(classes, versions []any) object {
	names := object{"pattern": namePattern}
	keys := []string{"mapping", "schema", "class", "event"}
	return object{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"title":                "sluice mapping",
		"description":          "How alerts become OCSF events, or (with let, tables, functions and parts alone) a fragment that mappings include.",
		"type":                 "object",
		"additionalProperties": false,
		"if":                   object{"properties": object{"drop": object{"const": true}}, "required": []string{"drop"}},
		"then":                 object{"required": []string{"mapping", "when"}, "not": anyGiven("schema", "class", "source", "event", "transforms", "also", "profiles")},
		"else":                 object{"if": anyGiven(keys...), "then": anyOf(object{"required": keys}, object{"required": []string{"mapping", "extends"}})},
		"properties": object{
			"mapping":  describe("The name that this mapping is chosen by, such as my/findings.", object{"type": "string", "minLength": 1}),
			"schema":   describe("The OCSF version of the events.", object{"enum": versions}),
			"class":    describe("The OCSF class of the events, by name or number. It decides which attributes the event has.", object{"enum": classes}),
			"source":   describe("The custom source of Security Lake that the events go to: letters, digits and _ - . :, at most 20 of them.", object{"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,64}$"}),
			"priority": describe("Where this mapping stands in a set: lower is asked first, then by name.", object{"type": "integer"}),
			"when":     describe("Which alerts this mapping takes; all when left out.", ref("expression")),
			"profiles": describe("The profiles that events may have: an event lists one in metadata.profiles if it has what the profile requires.",
				anyOf(object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}, "minItems": 1})),
			"also": describe("An alert that this mapping took goes on to the next mappings of the set, so that it can give several events.", object{"type": "boolean"}),
			"otherwise": describe("next: an alert that this mapping would reject goes on to the next mapping of the set that takes it.",
				object{"enum": []string{"next"}}),
			"drop":    describe("Drop the alerts for which `when` holds: counted, and kept nowhere.", object{"type": "boolean"}),
			"include": describe("Files beside this one whose settings, let, tables, functions and parts are used here.", anyOf(object{"type": "string"}, object{"type": "array", "items": object{"type": "string"}})),
			"extends": describe("A mapping beside this one, or a shipped one such as sluice://wazuh/security_finding.yaml, or a shipped set such as sluice://wazuh/by_class: keys that are left out here are as they are there, and its let, tables, functions, parts and settings are used here.",
				object{"type": "string", "minLength": 1}),
			"absent": describe("Texts that are nothing wherever a field of the alert has them, such as \"-\".",
				object{"type": "array", "items": object{"type": "string", "minLength": 1}}),
			"settings": describe("Values that --set NAME=VALUE or SLUICE_SET_NAME may replace, each with its default; expressions read them as settings.NAME.",
				object{"type": "object", "propertyNames": object{"pattern": "^[a-z][a-z0-9_]*$"}, "additionalProperties": ref("value")}),
			"tables": describe("Lookup data for expressions: =tables.NAME[key]. {file: NAME.csv, key: COLUMN} reads a table from a CSV or JSON file beside the mapping; with `value` it gives that column.",
				object{"type": "object", "additionalProperties": object{"type": []string{"object", "array"}}}),
			"let": describe("Named values, evaluated once for an alert, in order; rules use them by name.",
				object{"type": "object", "propertyNames": names, "additionalProperties": object{"type": []string{"string", "number", "boolean", "null"}}}),
			"parts": describe("Pieces of the event with names: attributes, a list or a value. $part: NAME puts one in place; NAME(parameters) takes arguments.",
				object{"type": "object", "patternProperties": object{
					signaturePattern: ref("data"),
					namePattern:      ref("data"),
				}, "additionalProperties": false}),
			"event": describe("The event, in the shape of its OCSF class. Text that starts with = is an expression, everything else is itself.",
				object{"type": "object"}),
			"functions": describe("Functions of your own, called in expressions like any other: NAME(parameters) with an expression, or NAME with a module from WebAssembly.",
				object{"type": "object", "patternProperties": object{
					signaturePattern: ref("expression"),
					namePattern:      ref("function"),
				}, "additionalProperties": false}),
			"transforms": describe("WebAssembly steps on whole alerts or events.", object{"type": "array", "items": ref("transform")}),
		},
	}
}
