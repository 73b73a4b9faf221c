package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// budgetHead begins mappings, which follow with what is hostile.
const budgetHead = "mapping: m\nschema: 1.1.0\nclass: detection_finding\nevent:\n  activity_id: 1\n  severity_id: 2\n  time: =timestamp\n" +
	"  finding_info: {uid: u, title: t}\n  metadata: {product: {name: n, vendor_name: v}}\n"

// Attackers: A with B. The rules of a mapping share what they may do for one alert: many
// rules over long lists and texts end soon, and what does not fit is a failed conversion.
func TestAttackBudget(t *testing.T) {
	t.Parallel()
	slow(t)
	costly := []string{
		"sha512(data.long)", "string(len(filter(data.list, #.name contains data.long)))", "join(map(data.list, regexReplace(#.name, 'n+', 'm')), '')",
		"string(any(data.list, #.name matches '(a|n)*x' and data.long matches '(.*)(ö)(.*)x'))", "string(len(map(data.list, len(data.list))))",
		"join(map(data.list, sha256(data.long)), '')", "string(count(data.list, any(data.list, #.name == 'x')))",
		"string(data.long matches '(.*ö){900}x')", "string(len(regexAll(data.long, '((.?){30}){20}x')))", "string(data.short matches '(.*a){200}x' or data.short matches '((a|b)?(a|b)?){300}c')",
		"string(count(data.list, #.name + '" + strings.Repeat("' == #.name or #.name == '", 60) + "' == 'x'))",
	}
	for _, expression := range costly {
		rules, each := "  unmapped:\n", "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: [\"="+expression+"\"]\n"
		for n := range 400 {
			rules += fmt.Sprintf("    k%d: \"=string(%d) + %s\"\n", n, n, expression)
		}
		alert := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s,"long":%q,"short":%q}}`+"\n", elements(4000, 40), strings.Repeat("ö", 300_000), strings.Repeat("ab", 500))
		for what, text := range map[string]string{"rules": budgetHead + rules, "each": budgetHead + each} {
			t.Run(what, func(t *testing.T) {
				t.Parallel() // each is a process, whose own time counts
				dir := t.TempDir()
				for file, text := range map[string]string{"m.yaml": text, "alert.json": alert} {
					if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				r := attack{dir: dir}.run(t, "run", "-m", "m.yaml", "-o", "lake", "alert.json")
				if !strings.Contains(r.stderr, "1 line: 1 event") {
					t.Errorf("%s: exit %d: %.1000s", expression, r.code, r.stderr)
				}
			})
		}
	}
}

// Attackers: A with B. The alerts of a megabyte share a budget, too: a mapping that takes
// much of each does so for the first of them, and the result does not depend on workers.
func TestAttackBudgetOfAnInput(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	alerts := ""
	for n := 0; len(alerts) < 1<<20; n++ {
		alerts += fmt.Sprintf(`{"id":"%d","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s,"text":%q}}`+"\n", n, elements(50, 4), strings.Repeat("ab", 500))
	}
	write("a.json", alerts)
	lines := strings.Count(alerts, "\n")
	for expression, numbers := range map[string][]string{
		"string(data.text matches '(.*a){80}x')": {"2"}, "string(count(data.list, any(data.list, #.name == 'x')))": {"1", "2"}, "sha512(repeat(data.text, 120))": {"2"},
	} {
		rules := "  unmapped:\n"
		for n := range 20 {
			rules += fmt.Sprintf("    k%d: \"=string(%d) + %s\"\n", n, n, expression)
		}
		write("m.yaml", budgetHead+rules)
		first := ""
		for _, workers := range numbers {
			r := attack{dir: dir, output: 64 << 20}.run(t, "run", "--workers", workers, "-m", "m.yaml", "-o", "-", "a.json")
			if !strings.Contains(r.stderr, fmt.Sprintf("%d lines: %d events", lines, lines)) || !strings.Contains(r.stderr, "for the alerts of one MiB of input") {
				t.Errorf("%s: exit %d: %.1000s", expression, r.code, r.stderr)
			}
			if first == "" {
				first = r.stdout
			}
			if r.stdout != first {
				t.Errorf("%s: %s workers give other events than 1", expression, workers)
			}
		}
	}
}

// Attackers: B. Functions in place of their calls do not make gigabytes of a mapping.
func TestAttackFunctionsInPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sum := func(what string) string { return strings.TrimSuffix(strings.Repeat(what+" + ", 40), " + ") }
	text := strings.Replace(budgetHead, "event:", "functions:\n  a(x): ="+sum("x")+"\n  b(x): ="+sum("a(x)")+"\nevent:", 1) + "  unmapped:\n"
	for n := range 20_000 {
		text += fmt.Sprintf("    k%d: =b(id)\n", n)
	}
	if err := os.WriteFile(filepath.Join(dir, "m.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := (attack{dir: dir}).run(t, "check", "m.yaml"); r.code != 2 || !strings.Contains(r.stderr+r.stdout, "more than 500000 parts") {
		t.Errorf("exit %d: %.1000s", r.code, r.stderr)
	}
}

// Attackers: B. However many values a mapping has on one line, each is placed at once, and as
// many warnings are not as many times the line.
func TestAttackFlowLists(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	for name, form := range map[string]string{"plain.yaml": "=abc%d,", "double.yaml": `"=\x61%d",`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is a process, whose own time counts
			text := strings.Builder{}
			text.WriteString(budgetHead + "  resources:\n    - name: n\n      labels: [")
			values := 0
			for ; values < 99_000 && text.Len() < attackBytes-1000; values++ {
				fmt.Fprintf(&text, form, values)
			}
			column := text.Len() - strings.LastIndexByte(text.String(), '\n')
			text.WriteString("=last(]\n")
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(text.String(), "=last(", "id", 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			if r := (attack{dir: dir}).run(t, "check", name); r.code != 0 || strings.Count(r.stdout, "\n") < values {
				t.Errorf("%s: exit %d: %.600s%.600s", name, r.code, r.stdout, r.stderr)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(text.String(), "=last(", "'=last('", 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("%s:%d:%d: the expression ends", name, strings.Count(text.String(), "\n"), column+len("'=last("))
			if r := (attack{dir: dir}).run(t, "check", name); r.code != 2 || !strings.Contains(r.stdout+r.stderr, want) {
				t.Errorf("%s: exit %d, not %s: %.600s%.600s", name, r.code, want, r.stdout, r.stderr)
			}
		})
	}
}

// Attackers: B. Neither do they of a set of mappings, each of which stays within the limit.
func TestAttackFunctionsOfASet(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	sum := func(what string) string { return strings.TrimSuffix(strings.Repeat(what+" + ", 40), " + ") }
	args := []string{"run", "-o", "lake", "a.json"}
	for i := range 40 {
		text := strings.Replace(budgetHead, "mapping: m", fmt.Sprintf("mapping: m%d\nalso: true", i), 1)
		text = strings.Replace(text, "event:", "functions:\n  a(x): ="+sum("x")+"\n  b(x): ="+sum("a(x)")+"\nevent:", 1) + "  unmapped:\n"
		for n := range 140 {
			text += fmt.Sprintf("    k%d: =b(id)\n", n)
		}
		name := fmt.Sprintf("m%d.yaml", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-m", name)
	}
	for _, args := range [][]string{args, {"check", "."}} {
		if r := (attack{dir: dir}).run(t, args...); r.code != 2 || !strings.Contains(r.stdout+r.stderr, "more than 1000000 parts") {
			t.Errorf("%s: exit %d: %.1000s", args[0], r.code, r.stderr)
		}
	}
}

// Attackers: B. Patterns that repeat do not make gigabytes of a mapping, however many they
// are and whether they are constant or computed.
func TestAttackPatterns(t *testing.T) {
	t.Parallel()
	slow(t)
	many := func(n int, rule string) string {
		text := "  unmapped:\n"
		for i := range n {
			text += fmt.Sprintf("    k%d: \"=string(%s)\"\n", i, strings.ReplaceAll(rule, "%d", fmt.Sprint(i)))
		}
		return text
	}
	bomb := strings.Repeat("a{1000}b", 1500)
	for name, rules := range map[string]string{
		"one large":       many(1, "id matches '"+bomb+"'"),
		"many":            many(15_000, "id matches '(ab){450}%d'"),
		"many and small":  many(20_000, "id matches '(a|b)+c%d'"),
		"classes":         many(3000, "id matches '"+strings.Repeat(`\\pL`, 40)+"%d'"),
		"computed":        many(200, "map(1..1000, id matches repeat('a{1000}b', 400) + string(#))"),
		"computed, small": many(200, "map(1..1000, id matches '(ab){450}%d' + string(#))"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"m.yaml": budgetHead + rules, "a.json": `{"id":"1","timestamp":"2026-03-14T06:00:00Z"}` + "\n"} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if r := (attack{dir: dir}).run(t, "run", "-m", "m.yaml", "-o", "lake", "a.json"); r.code != 2 && !strings.Contains(r.stderr, "1 line: 1 event") {
				t.Errorf("exit %d: %.1000s", r.code, r.stderr)
			}
		})
	}
}

// Attackers: B. What an expression makes of constants is made when it is compiled, and bounded
// with all others of its mapping.
func TestAttackConstants(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, expression := range map[string]string{
		"lists": "string(count(1..1000, # == len(id) + %d))", "long lists": "string(len(1..900000) + len(id) + %d)", "texts": "id + repeat('ab', 4000000) + '%d'",
		"sorted": "string(len(sort(map(1..2000, # * 7))) + len(id) + %d)", "pieces": "string(len(split(repeat('a,', 900), ',')) + len(id) + %d)", "digests": "id + sha512(repeat('ab', 60000)) + '%d'",
	} {
		if err := os.WriteFile(filepath.Join(dir, "m.yaml"), []byte(budgetHead+"  unmapped:\n"+numbered(15_000, "    k%d: \"="+expression+"\"\n")), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := (attack{dir: dir}).run(t, "check", "m.yaml"); r.code != 2 || !strings.Contains(r.stderr+r.stdout, "more than 500000 parts") {
			t.Errorf("%s: exit %d: %.1000s", name, r.code, r.stderr)
		}
	}
}

// inEach are rules for each element of a list that make much of it, or are much work.
func inEach() map[string]string {
	each := func(n int, rule string) string {
		return "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: [" + strings.TrimSuffix(strings.Repeat(rule+", ", n), ", ") + "]\n"
	}
	return map[string]string{
		"lists copied":    "  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      data: =data.list\n",
		"lines copied":    "  enrichments:\n" + strings.Repeat("    - {name: n, value: v, data: =line}\n", 5000),
		"lists in lists":  "  evidences:\n    - $each: =data.list as outer\n      process:\n        name: =outer.name\n        pid: =index\n" + each(1, "=data.list"),
		"cheap rules":     each(800, "\"=string(any([1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25], # == len(outer.name) + 7 and # > 100))\""),
		"rules that fail": each(800, "\"=int(outer.name + 'x')\""),
		"paths":           each(5000, "=outer.none"),
		"observables":     "  observables: [{$from: event}]\n" + each(1, "=outer.name"),
	}
}

// Attackers: A with B. Of a line of 1 MB no mapping makes gigabytes, or work for minutes,
// and it is taken.
func TestAttackExpansion(t *testing.T) {
	t.Parallel()
	slow(t)
	alert := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","data":{"list":%s,"long":%q}}`+"\n", elements(30_000, 4), strings.Repeat("o", 300_000))
	for name, rules := range inEach() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"m.yaml": budgetHead + rules + "  unmapped: {$rest: true}\n", "alert.json": alert} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r := attack{dir: dir}.run(t, "run", "--workers", "2", "-m", "m.yaml", "-o", "lake", "alert.json")
			if !strings.Contains(r.stderr, "1 line: 1 event") {
				t.Errorf("exit %d: %.1000s", r.code, r.stderr)
			}
		})
	}
}
