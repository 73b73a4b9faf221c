package engine_test

import (
	"regexp"
	"strings"
	"testing"

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
			if quoted, ok := strings.CutPrefix(c, "`` "); ok {
				c = strings.TrimSuffix(quoted, " ``")
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

// Every warning and note that there is stands in the manual.
func TestManualWarnings(t *testing.T) {
	text := section(t, "Checking")
	for _, rule := range []string{"deprecated", "may-be-absent", "enum-value", "unused", "unseen-field", "source-name", "unreached",
		"recommended", "breaks-table", "new-column", "new-source", "new-mapping", "mapping-gone"} {
		if !strings.Contains(text, "| `"+rule+"` |") {
			t.Errorf("the manual lacks %s", rule)
		}
	}
}
