package engine_test

import (
	"go/ast"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/expr-lang/expr/parser/operator"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/engine/expression"
)

// tableRow is a row of two or more cells of a Markdown table, code quotes left
// out.
var tableRow = regexp.MustCompile(`(?m)^\| (.+) \|$`)

func rows(section string) [][]string {
	var out [][]string
	for _, m := range tableRow.FindAllStringSubmatch(section, -1) {
		cells := strings.Split(strings.ReplaceAll(m[1], `\|`, "\x00"), " | ")
		for i, c := range cells {
			c = strings.TrimSpace(strings.ReplaceAll(c, "\x00", "|"))
			if quoted, ok := strings.CutPrefix(c, "``"); ok {
				c = strings.TrimPrefix(strings.TrimSuffix(strings.TrimSuffix(quoted, "``"), " "), " ")
			} else if strings.Count(c, "`") == 2 && strings.HasPrefix(c, "`") && strings.HasSuffix(c, "`") {
				c = strings.Trim(c, "`")
			}
			cells[i] = c
		}
		out = append(out, cells)
	}
	return out
}

func section(t *testing.T, title string) string {
	t.Helper()
	_, rest, ok := strings.Cut(manual(t), "\n## "+title+"\n")
	if !ok {
		t.Fatalf("docs/mapping.md has no section %q", title)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// Every function has a row whose example gives what it says.
func TestManualFunctions(t *testing.T) {
	missing := map[string]bool{}
	for _, name := range expression.Functions() {
		missing[name] = true
	}
	for _, row := range append(rows(section(t, "Functions")), rows(section(t, "Operators"))...) {
		if len(row) != 4 || !strings.HasPrefix(row[2], "=") {
			continue
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(row[0], "`"), "(")
		delete(missing, name)
		p, faults := expression.Compile(row[2][1:], expression.Scope{})
		if len(faults) > 0 {
			t.Errorf("%s: %v", row[2], faults)
			continue
		}
		v, err := p.Run(expression.NewMachine(), &expression.Env{Values: make([]alert.Value, len(p.Reads)), Line: "{}"})
		if err != nil {
			t.Errorf("%s: %v", row[2], err)
		} else if got := string(v.AppendJSON(nil)); got != row[3] && !(row[3] == "nothing" && got == "null") {
			t.Errorf("%s gives %s, not %s", row[2], got, row[3])
		}
	}
	for name := range missing {
		t.Errorf("no example of %s", name)
	}
}

// The manual has every rule of `check`, with its severity, and no others.
func TestManualWarnings(t *testing.T) {
	want := map[string]string{}
	for _, dir := range []string{".", "plan", "../cli"} {
		for rule, severity := range rulesIn(t, dir) {
			want[rule] = severity
		}
	}
	got := map[string]string{}
	for _, row := range rows(section(t, "Checking")) {
		if len(row) == 3 && row[0] != "rule" && row[0] != "---" {
			got[row[0]] = row[1]
		}
	}
	if len(want) < 13 || !maps.Equal(want, got) {
		t.Errorf("the code has %v\nthe manual has %v", want, got)
	}
}

// Law: every warning and note can be allowed, but for those of comparisons with
// older versions and of what is allowed.
func TestAllowedRules(t *testing.T) {
	want := map[string]bool{}
	for _, dir := range []string{".", "plan"} {
		for rule, severity := range rulesIn(t, dir) {
			if severity != "fault" && rule != "unused-allow" {
				want[rule] = true
			}
		}
	}
	for _, rule := range engine.Rules {
		if !want[rule] {
			t.Errorf("no check has the rule %s", rule)
		}
		delete(want, rule)
	}
	for rule := range want {
		t.Errorf("the rule %s cannot be allowed", rule)
	}
}

// rulesIn gives the rules of findings that a package makes, with their
// severities: of Findings.Add, and of the linter's warn.
func rulesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	words := map[string]string{"Broken": "fault", "Warning": "warning", "Note": "note"}
	found := map[string]string{}
	for _, file := range sourcesIn(t, dir) {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) < 3 {
				return true
			}
			if rule, ok := literal(call.Args[0]); ok && called(call) == "warn" {
				found[rule] = "warning"
			}
			severity, isName := call.Args[0].(*ast.SelectorExpr)
			if rule, ok := literal(call.Args[1]); ok && isName && called(call) == "Add" && words[severity.Sel.Name] != "" && rule != "fault" {
				found[rule] = words[severity.Sel.Name]
			}
			return true
		})
	}
	return found
}

// Every operator of expr's grammar is in the manual.
func TestManualOperators(t *testing.T) {
	var shown strings.Builder
	for _, row := range rows(section(t, "Operators")) {
		shown.WriteString(row[0] + " ")
	}
	spaced := " " + strings.NewReplacer("`", " ", ",", " ").Replace(shown.String()) + " "
	for _, operators := range []map[string]operator.Operator{operator.Binary, operator.Unary} {
		for op := range operators {
			if !strings.Contains(spaced, " "+op+" ") && !strings.Contains(spaced, " "+op+"a ") && op != ".." {
				t.Errorf("the manual has no operator %s", op)
			}
			if negated := " a not " + op + " b "; operator.AllowedNegateSuffix(op) && op != "startsWith" && op != "endsWith" && op != "contains" && !strings.Contains(spaced, negated) {
				t.Errorf("the manual lacks%s", negated)
			}
		}
	}
}
