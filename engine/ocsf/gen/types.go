package main

import (
	"fmt"
	"regexp"
	"regexp/syntax"
)

// primitives are the types without a base, with the ocsf.Kind of each.
var primitives = map[string]string{
	"boolean_t": "Boolean", "float_t": "Float", "integer_t": "Integer",
	"json_t": "JSON", "long_t": "Long", "string_t": "String",
}

// derived are the types that are stored differently from their base type.
var derived = map[string]string{"timestamp_t": "Timestamp", "datetime_t": "Datetime"}

type typeRow struct {
	name, caption, kind string
	maxLen              int
	ownMaxLen           bool
	min, max            int64
	ranged              bool
	pattern             string
	observable          uint8
}

// typeRows returns the scalar types and, with kind Open, the objects without
// attributes, which may hold anything.
func typeRows(f *facts) ([]typeRow, error) {
	var rows []typeRow
	for _, name := range names(f.Types) {
		row, err := resolve(f.Types, name)
		if err != nil {
			return nil, fmt.Errorf("type %s: %w", name, err)
		}
		rows = append(rows, row)
	}
	for _, name := range names(f.Objects) {
		o := f.Objects[name]
		if _, twice := f.Types[name]; twice {
			return nil, fmt.Errorf("%s is both a type and an object", name)
		}
		if len(o.Attributes) == 0 {
			rows = append(rows, typeRow{name: name, caption: o.Caption, kind: "Open"})
		}
	}
	return rows, nil
}

// resolve adds to a type what it inherits from its base types.
func resolve(types map[string]typeFact, name string) (typeRow, error) {
	fact := types[name]
	row := typeRow{name: name, caption: fact.Caption, maxLen: fact.MaxLen, ownMaxLen: fact.MaxLen > 0, observable: fact.Observable}
	for at, steps := name, 0; ; steps++ {
		t, ok := types[at]
		if !ok {
			return row, fmt.Errorf("its base type %q is not among the types", at)
		}
		if steps > len(types) {
			return row, fmt.Errorf("its base types form a cycle")
		}
		if row.maxLen == 0 {
			row.maxLen = t.MaxLen
		}
		if err := row.bound(t.Range); err != nil {
			return row, err
		}
		if row.kind == "" {
			row.kind = derived[at]
		}
		if t.Type != "" {
			at = t.Type
			continue
		}
		if primitives[at] == "" {
			return row, fmt.Errorf("it is based on %q, which has no base type and is not a known primitive type", at)
		}
		if row.kind == "" {
			row.kind = primitives[at]
		}
		break
	}
	if fact.Regex == "" {
		return row, nil
	}
	pattern, err := anchored(fact.Regex)
	row.pattern = pattern
	return row, err
}

func (row *typeRow) bound(limits []int64) error {
	if len(limits) == 0 || row.ranged {
		return nil
	}
	if len(limits) != 2 || limits[0] > limits[1] {
		return fmt.Errorf("its range %v is not [lowest, highest]", limits)
	}
	row.min, row.max, row.ranged = limits[0], limits[1], true
	return nil
}

// anchored turns a pattern of the facts into one that Go's regexp accepts and that
// matches the whole value: the facts anchor most patterns, but not uuid_t's.
func anchored(pattern string) (string, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "", fmt.Errorf("its regular expression is not valid RE2, rewrite it in the facts: %w", err)
	}
	whole := tree.Op == syntax.OpConcat && tree.Sub[0].Op == syntax.OpBeginText &&
		tree.Sub[len(tree.Sub)-1].Op == syntax.OpEndText
	if !whole {
		pattern = "^(?:" + pattern + ")$"
	}
	_, err = regexp.Compile(pattern)
	return pattern, err
}
