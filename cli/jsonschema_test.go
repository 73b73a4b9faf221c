package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/sluice-lake/sluice/cli"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/syntax"
)

const schemaFile = "../docs/mapping.schema.json"

func languageSchema(t *testing.T) (text []byte, schema map[string]any) {
	t.Helper()
	var out, messages bytes.Buffer
	code := cli.Run(context.Background(), []string{"schema", "--json-schema", "mapping"},
		cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &messages}, func(string) string { return "" })
	if code != 0 {
		t.Fatal(code, messages.String())
	}
	if err := json.Unmarshal(out.Bytes(), &schema); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), schema
}

// The schema that editors are pointed at is the one that the program prints.
func TestSchemaFileIsFresh(t *testing.T) {
	text, _ := languageSchema(t)
	if *update {
		if err := os.WriteFile(schemaFile, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, text) {
		t.Errorf("%s is stale: sluice schema --json-schema mapping > docs/mapping.schema.json", filepath.Base(schemaFile))
	}
}

// Law: what compiles is valid.
func TestGoodMappingsAreValid(t *testing.T) {
	_, schema := languageSchema(t)
	for _, pattern := range []string{"../mappings/*/*.yaml", "../testdata/mappings/good/*.yaml", "../testdata/mappings/lint/*.yaml",
		"../testdata/mappings/lint/fragments/*.yaml", "../testdata/mappings/against/*/*.yaml",
		"../testdata/mappings/pack/*/*.yaml", "../testdata/mappings/pack/*/shared/*.yaml"} {
		for _, file := range mappingFiles(t, pattern) {
			if why := invalid(t, schema, file); why != "" {
				t.Errorf("%s: %s", file, why)
			}
		}
	}
}

// What an editor can see, it marks.
func TestBadMappingsAreInvalid(t *testing.T) {
	_, schema := languageSchema(t)
	for _, name := range []string{"unknown_key", "unknown_attribute", "unknown_nested", "unknown_class", "unknown_schema", "enum_value",
		"missing_required", "missing_event", "wrong_class_attribute", "text_for_integer", "scalar_for_object", "object_for_scalar",
		"table_scalar", "let_object", "when_constant", "each_constant", "also_text", "drop_all", "drop_event", "drop_text",
		"drop_profiles", "profiles_unknown", "from_value", "from_key", "profiles_empty"} {
		if invalid(t, schema, "../testdata/mappings/bad/"+name+".yaml") == "" {
			t.Errorf("%s is valid", name)
		}
	}
}

// Law: every attribute of every class has a text to hover over, and every
// $ref leads somewhere.
func TestSchemaIsWhole(t *testing.T) {
	_, schema := languageSchema(t)
	definitions := schema["definitions"].(map[string]any)
	for name, d := range definitions {
		if strings.HasPrefix(name, "@") && d.(map[string]any)["description"] == nil {
			t.Errorf("%s has no description", name)
		}
	}
	walk(schema, func(m map[string]any) {
		if to, ok := m["$ref"].(string); ok && definitions[strings.TrimPrefix(to, "#/definitions/")] == nil {
			t.Errorf("%s leads nowhere", to)
		}
	})
}

// Law: the keys that the schema offers are those that the compiler knows, which it
// lists for a key that it does not.
func TestSchemaHasTheKeysOfTheLanguage(t *testing.T) {
	_, schema := languageSchema(t)
	definitions := schema["definitions"].(map[string]any)
	limits := definitions["function"].(map[string]any)["properties"].(map[string]any)["limits"].(map[string]any)
	for _, test := range []struct {
		in     map[string]any
		inside string // where the unknown key stands, with %s for it
	}{
		{schema, "%s: 1\n"},
		{definitions["function"].(map[string]any), "functions:\n  f: {wasm: w.wasm, %s: 1}\n"},
		{definitions["transform"].(map[string]any), "transforms:\n  - {wasm: w.wasm, stage: alert, %s: 1}\n"},
		{definitions["$from"].(map[string]any), "event:\n  observables: {$from: event, %s: 1}\n"},
		{limits, "functions:\n  f: {wasm: w.wasm, limits: {%s: 1}}\n"},
	} {
		const unknown = "zzzzzzzzzzzzzzzz"
		event := "event: {time: 1}\n"
		if strings.HasPrefix(test.inside, "event:") {
			event = ""
		}
		_, faults := syntax.Parse("m.yaml", syntax.NewDocument([]byte("mapping: m\nschema: 1.1.0\nclass: c\n"+event+fmt.Sprintf(test.inside, unknown))), nil)
		listed := regexp.MustCompile("`" + unknown + "`[^;]*; the [a-z ]+ are ([a-z0-9_, $]+)").FindStringSubmatch(fmt.Sprint(faults))
		if listed == nil {
			t.Errorf("%q: no list of keys in %v", test.inside, faults)
			continue
		}
		known := strings.Split(listed[1], ", ")
		slices.Sort(known)
		if d := cmp.Diff(known, sortedKeys(test.in["properties"].(map[string]any))); d != "" {
			t.Errorf("%q (-compiler +schema):\n%s", test.inside, d)
		}
	}
}

// Law: editors offer a call of every function, which compiles as it is inserted,
// with its parameters for fields of the alert.
func TestSchemaOffersFunctions(t *testing.T) {
	_, schema := languageSchema(t)
	offered := map[string]string{}
	for _, s := range schema["definitions"].(map[string]any)["expression"].(map[string]any)["defaultSnippets"].([]any) {
		s := s.(map[string]any)
		offered[s["label"].(string)] = s["body"].(string)
	}
	for _, f := range expression.Definitions() {
		body := regexp.MustCompile(`\$\{\d+:([^}]*)\}`).ReplaceAllString(offered[f.Signature()], "$1")
		var inserted string
		if err := yaml.Unmarshal([]byte(body), &inserted); err != nil || !strings.HasPrefix(inserted, "="+f.Name+"(") {
			t.Errorf("%s is offered as %q (%v)", f.Signature(), body, err)
			continue
		}
		if _, faults := expression.Compile(inserted[1:], expression.Scope{}); len(faults) > 0 {
			t.Errorf("%s: %v", inserted, faults)
		}
	}
}

func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, x := range v {
			walk(x, visit)
		}
	case []any:
		for _, x := range v {
			walk(x, visit)
		}
	}
}

func mappingFiles(t *testing.T, pattern string) []string {
	t.Helper()
	all, err := filepath.Glob(pattern)
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.yaml") {
			files = append(files, f)
		}
	}
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no file (%v)", pattern, err)
	}
	return files
}

// invalid reads YAML as JSON and says what the schema has against it.
func invalid(t *testing.T, schema map[string]any, file string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(src, &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return (&validator{t: t, root: schema}).check(schema, v, "")
}
