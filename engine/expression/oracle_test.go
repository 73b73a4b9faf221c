package expression

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/builtin"
	"github.com/sluice-lake/sluice/engine/alert"
)

// The oracle is expr itself, which compiles and runs the same text over the same
// values. Law: if expr gives a value, sluice gives the same value, except for the
// differences that docs/mapping.md lists.

// sampleEnv is the sample alert and its scope as expr's environment.
func sampleEnv() map[string]any {
	env := map[string]any{"alert": sample, "line": `{"a":1}`, "severity": 3, "who": "let", "tables": map[string]any{
		"tactics": map[string]any{"Execution": "TA0002", "Impact": "TA0040"},
		"ports":   map[string]any{"22": "ssh", "80": "http"},
	}}
	for name, v := range sample {
		env[name] = v
	}
	env["it"] = []any{"T1110", "Brute Force", nil}
	return env
}

// throughExpr returns the result of an expression in expr: JSON, or "fails".
func throughExpr(text string, env map[string]any) (result string) {
	defer func() {
		if recover() != nil {
			result = "fails"
		}
	}()
	p, err := expr.Compile(text, expr.Env(env))
	if err != nil {
		return "fails"
	}
	v, err := expr.Run(p, env)
	if err != nil {
		return "fails"
	}
	return inJSON(reflect.ValueOf(v))
}

// throughSluice does the same with this package.
func throughSluice(text string) string {
	p, faults := Compile(text, sampleScope)
	if len(faults) > 0 {
		return "fails"
	}
	v, err := newLent().run(p, environment(p, true))
	if err != nil {
		return "fails"
	}
	return shown(v, nil)
}

// inJSON writes a value of expr's as sluice would. For a value that JSON does not
// have it writes the type.
func inJSON(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Interface:
		return inJSON(v.Elem())
	case reflect.Invalid:
		return "null"
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Type().String()
		}
		items := make([]string, v.Len())
		for i := range items {
			items[i] = inJSON(v.Index(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	case reflect.Map:
		var members []string
		for _, key := range v.MapKeys() {
			members = append(members, fmt.Sprintf("%q:%s", fmt.Sprint(key), inJSON(v.MapIndex(key))))
		}
		slices.Sort(members)
		return "{" + strings.Join(members, ",") + "}"
	case reflect.String, reflect.Float64, reflect.Int, reflect.Bool:
		var out bytes.Buffer
		e := json.NewEncoder(&out)
		e.SetEscapeHTML(false)
		if e.Encode(v.Interface()) == nil {
			return strings.TrimSpace(out.String())
		}
		return fmt.Sprint(v)
	}
	return v.Type().String()
}

// testdata/agreed.txt has expressions for which both give the same: every
// operator, every literal, and every function that both have.
func TestAgreesWithExpr(t *testing.T) {
	env := sampleEnv()
	text, err := os.ReadFile("testdata/agreed.txt")
	if err != nil {
		t.Fatal(err)
	}
	agreed := string(text)
	lines := strings.Split(strings.TrimSpace(agreed), "\n")
	if len(lines) < 150 {
		t.Errorf("only %d expressions", len(lines))
	}
	for _, text := range lines {
		if theirs, ours := throughExpr(text, env), throughSluice(text); theirs != ours || theirs == "fails" {
			t.Errorf("%s\n  expr   %s\n  sluice %s", text, theirs, ours)
		}
	}
	named := func(name string) bool {
		return strings.Contains(agreed, name+"(") || slices.ContainsFunc(differences, func(d difference) bool {
			return slices.ContainsFunc(d.cases, func(c compared) bool { return strings.Contains(c.text, name+"(") })
		})
	}
	for _, name := range builtin.Names {
		if !named(name) {
			t.Errorf("%s of expr is not compared", name)
		}
	}
}

// manual returns the section of docs/mapping.md with a title.
func manual(t *testing.T, title string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("docs/mapping.md has no section %q", title)
	}
	section, _, _ := strings.Cut(rest, "\n## ")
	return section
}

// cells are those of the rows of Markdown tables, without code quotes.
func cells(section string) [][]string {
	var out [][]string
	for _, line := range strings.Split(section, "\n") {
		if !strings.HasPrefix(line, "| ") {
			continue
		}
		row := strings.Split(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00"), "|")
		for i, c := range row {
			c = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
			if quoted, ok := strings.CutPrefix(c, "`` "); ok {
				c = strings.TrimSuffix(quoted, " ``")
			} else {
				c = strings.Trim(c, "`")
			}
			row[i] = c
		}
		out = append(out, row)
	}
	return out
}

// Every example in the manual's tables gives the same in expr, or is listed as a
// difference, or calls a function that expr does not have.
func TestManualAgreesWithExpr(t *testing.T) {
	env := sampleEnv()
	examples := 0
	for _, row := range append(cells(manual(t, "Operators")), cells(manual(t, "Functions"))...) {
		if len(row) != 4 || !strings.HasPrefix(row[2], "=") {
			continue
		}
		examples++
		text := row[2][1:]
		if theirs := throughExpr(text, env); theirs == throughSluice(text) && theirs != "fails" || listed(text) || beside(text) {
			continue
		}
		t.Errorf("%s: expr gives %s, sluice %s, and no difference is listed", text, throughExpr(text, env), throughSluice(text))
	}
	if examples < 80 {
		t.Errorf("only %d examples found", examples)
	}
}

func listed(text string) bool {
	return slices.ContainsFunc(differences, func(d difference) bool {
		return slices.ContainsFunc(d.cases, func(c compared) bool { return c.text == text })
	})
}

// beside reports whether an expression calls a function that expr does not have.
func beside(text string) bool {
	return slices.ContainsFunc(ownFunctions(), func(name string) bool { return strings.Contains(text, name+"(") })
}

// ownFunctions returns the functions that expr does not have.
func ownFunctions() []string {
	return slices.DeleteFunc(Functions(), func(name string) bool { return slices.Contains(builtin.Names, name) })
}

// handedOver converts a value for expr to one for sluice.
func handedOver(x any) alert.Value {
	v := reflect.ValueOf(x)
	switch v.Kind() {
	case reflect.Slice:
		items := make([]alert.Value, v.Len())
		for i := range items {
			items[i] = handedOver(v.Index(i).Interface())
		}
		return alert.OfList(items)
	case reflect.Map:
		var members []alert.Member
		for _, key := range v.MapKeys() {
			members = append(members, alert.Member{Name: key.String(), Value: handedOver(v.MapIndex(key).Interface())})
		}
		return alert.OfObject(members)
	}
	return alert.From(x)
}
