package cli_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// validator knows the part of JSON Schema that the language's schema is
// written in. A keyword that it does not know fails the test.
type validator struct {
	t    *testing.T
	root map[string]any
}

// check gives the first reason why v does not fit, "" when it does.
func (c *validator) check(schema map[string]any, v any, at string) string {
	for _, keyword := range sortedKeys(schema) {
		if why := c.keyword(schema, keyword, v, at); why != "" {
			return why
		}
	}
	return ""
}

func (c *validator) keyword(schema map[string]any, keyword string, v any, at string) string {
	arg := schema[keyword]
	switch keyword {
	case "$schema", "title", "description", "definitions", "enumDescriptions", "defaultSnippets", "then", "else":
		return ""
	case "$ref":
		return c.check(c.root["definitions"].(map[string]any)[strings.TrimPrefix(arg.(string), "#/definitions/")].(map[string]any), v, at)
	case "type":
		return refuse(!isType(arg, v), at, "is no", arg)
	case "enum":
		return refuse(!slices.ContainsFunc(arg.([]any), func(x any) bool { return sameScalar(x, v) }), at, "is not one of", arg)
	case "const":
		return refuse(!sameScalar(arg, v), at, "is not", arg)
	case "pattern":
		s, ok := v.(string)
		return refuse(ok && !regexp.MustCompile(arg.(string)).MatchString(s), at, "does not match", arg)
	case "minItems":
		list, ok := v.([]any)
		return refuse(ok && len(list) < int(arg.(float64)), at, "has fewer items than", arg)
	case "minLength":
		s, ok := v.(string)
		return refuse(ok && len(s) < int(arg.(float64)), at, "is shorter than", arg)
	case "minimum":
		n, ok := v.(int)
		return refuse(ok && n < int(arg.(float64)), at, "is less than", arg)
	case "uniqueItems":
		items := list(v)
		for i, x := range items {
			if slices.ContainsFunc(items[:i], func(before any) bool { return sameScalar(x, before) }) {
				return fmt.Sprint(at, " has an item twice: ", x)
			}
		}
		return ""
	case "anyOf":
		return c.anyOf(arg.([]any), v, at)
	case "oneOf":
		fit := 0
		for _, x := range arg.([]any) {
			if c.check(x.(map[string]any), v, at) == "" {
				fit++
			}
		}
		return refuse(fit != 1, at, "fits not exactly one of", arg)
	case "allOf":
		for _, x := range arg.([]any) {
			if why := c.check(x.(map[string]any), v, at); why != "" {
				return why
			}
		}
		return ""
	case "if":
		branch := "then"
		if c.check(arg.(map[string]any), v, at) != "" {
			branch = "else"
		}
		if x, ok := schema[branch].(map[string]any); ok {
			return c.check(x, v, at)
		}
		return ""
	case "not":
		return refuse(c.check(arg.(map[string]any), v, at) == "", at, "is what it must not be:", arg)
	case "items":
		for i, x := range list(v) {
			if why := c.check(arg.(map[string]any), x, fmt.Sprintf("%s[%d]", at, i)); why != "" {
				return why
			}
		}
		return ""
	}
	return c.objectKeyword(schema, keyword, v, at)
}

func (c *validator) objectKeyword(schema map[string]any, keyword string, v any, at string) string {
	arg, o := schema[keyword], members(v)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range sortedKeys(o) {
		here, why := at+"."+name, ""
		switch keyword {
		case "properties":
			if p, ok := properties[name]; ok {
				why = c.check(p.(map[string]any), o[name], here)
			}
		case "propertyNames":
			why = c.check(arg.(map[string]any), name, here)
		case "patternProperties":
			for _, pattern := range matching(arg, name) {
				if why = c.check(arg.(map[string]any)[pattern].(map[string]any), o[name], here); why != "" {
					break
				}
			}
		case "additionalProperties":
			if properties[name] != nil || len(matching(schema["patternProperties"], name)) > 0 {
				continue
			}
			if s, ok := arg.(map[string]any); ok {
				why = c.check(s, o[name], here)
			} else {
				why = refuse(arg == false, here, "is not allowed", "")
			}
		}
		if why != "" {
			return why
		}
	}
	switch keyword {
	case "properties", "patternProperties", "propertyNames", "additionalProperties":
	case "required":
		for _, name := range list(arg) {
			if _, ok := o[name.(string)]; o != nil && !ok {
				return at + " lacks " + name.(string)
			}
		}
	default:
		c.t.Fatalf("the schema has the keyword %q, which this test does not know", keyword)
	}
	return ""
}

// matching are the patterns that a name matches.
func matching(patterns any, name string) (all []string) {
	for _, pattern := range sortedKeys(members(patterns)) {
		if regexp.MustCompile(pattern).MatchString(name) {
			all = append(all, pattern)
		}
	}
	return all
}

func (c *validator) anyOf(choices []any, v any, at string) string {
	var reasons []string
	for _, x := range choices {
		why := c.check(x.(map[string]any), v, at)
		if why == "" {
			return ""
		}
		reasons = append(reasons, why)
	}
	return strings.Join(reasons, ", and ")
}

func refuse(wrong bool, at, words string, arg any) string {
	if !wrong {
		return ""
	}
	return fmt.Sprint(at, " ", words, " ", arg)
}

func isType(want, v any) bool {
	if many, ok := want.([]any); ok {
		return slices.ContainsFunc(many, func(w any) bool { return isType(w, v) })
	}
	switch v.(type) {
	case nil:
		return want == "null"
	case bool:
		return want == "boolean"
	case string:
		return want == "string"
	case int:
		return want == "integer" || want == "number"
	case float64:
		return want == "number"
	case []any:
		return want == "array"
	}
	return want == "object" && members(v) != nil
}

// same compares a number of the schema with one of YAML too.
func sameScalar(a, b any) bool {
	return fmt.Sprintf("%v", a) == fmt.Sprintf("%v", b) && isText(a) == isText(b)
}

func isText(v any) bool { _, ok := v.(string); return ok }

func list(v any) []any { l, _ := v.([]any); return l }

// members gives an object's members; YAML has keys that are not text.
func members(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case map[any]any:
		m := map[string]any{}
		for k, x := range v {
			m[fmt.Sprint(k)] = x
		}
		return m
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
