package cli

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/builtin"
	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/function"
	"github.com/sluice-lake/sluice/runtime/compare"
	"github.com/sluice-lake/sluice/runtime/profile"
	"github.com/sluice-lake/sluice/runtime/settings"
	"github.com/sluice-lake/sluice/runtime/table/verify"
)

const manual = "../docs/cli.md"

// made is a part of the manual that is made from the program.
var made = regexp.MustCompile(`(?s)<!-- made: (.+?) -->\n(.*?)<!-- end -->\n`)

// Law: commands, flags, exit codes, variables and functions of the manual are
// those of the program. With -update the test writes them.
func TestManual(t *testing.T) {
	for page, parts := range map[string]map[string]string{manual: manualParts(), "../docs/mapping.md": functionParts()} {
		comparePage(t, page, parts)
	}
}

// ComparePage is for the tests of this folder that are outside of the package.
var ComparePage = comparePage

// comparePage compares the parts of a page that are made, or writes them.
func comparePage(t *testing.T, name string, parts map[string]string) {
	t.Helper()
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	now := made.ReplaceAllStringFunc(string(page), func(part string) string {
		part = made.FindStringSubmatch(part)[1]
		text, ok := parts[part]
		if !ok || met[part] {
			t.Errorf("%s: the part %q is not one of the program, or there twice", name, part)
		}
		met[part] = true
		return "<!-- made: " + part + " -->\n" + text + "<!-- end -->\n"
	})
	for part := range parts {
		if !met[part] {
			t.Errorf("%s lacks the part %q: write <!-- made: %s --> and <!-- end -->, and run with -update", name, part, part)
		}
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(name, []byte(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(page), now); d != "" {
		t.Errorf("%s differs from the program (-page +program); run go test ./cli -run Manual -update\n%s", name, d)
	}
}

// functionParts are the tables of functions, and the lists of those that only
// test and of those that expr does not have.
func functionParts() map[string]string {
	var tables strings.Builder
	var tests, own []string
	group := function.Group("")
	for _, f := range expression.Definitions() {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&tables, "\n### %s\n\n| function | what it gives | example | gives |\n|---|---|---|---|\n", group)
		}
		means, gives := f.Means, "`"+f.Gives+"`"
		if f.Differs != "" {
			means += "; " + f.Differs
		}
		if f.Gives == "null" {
			gives = "nothing"
		}
		row := fmt.Sprintf("`%s`\x00%s\x00`=%s`\x00%s", f.Signature(), means, f.Example, gives)
		tables.WriteString("| " + strings.ReplaceAll(strings.ReplaceAll(row, "|", `\|`), "\x00", " | ") + " |\n")
		if f.Flow == function.Tests || f.Yields == function.Bool {
			tests = append(tests, "`"+f.Name+"`")
		}
		if !slices.Contains(builtin.Names, f.Name) {
			own = append(own, "`"+f.Name+"`")
		}
	}
	return map[string]string{"operators": operatorTable(), "functions": strings.TrimPrefix(tables.String(), "\n") + "\n",
		"functions that test": listed(tests), "functions beside expr's": listed(own)}
}

func operatorTable() string {
	var table strings.Builder
	table.WriteString("| operator | what it does | example | gives |\n|---|---|---|---|\n")
	for _, o := range expression.Operators() {
		var forms []string
		for _, form := range o.Forms {
			forms = append(forms, codeQuoted(form))
		}
		row := strings.Join(forms, ", ") + "\x00" + o.Means + "\x00" + codeQuoted("="+o.Example) + "\x00" + codeQuoted(o.Gives)
		table.WriteString("| " + strings.ReplaceAll(strings.ReplaceAll(row, "|", `\|`), "\x00", " | ") + " |\n")
	}
	return table.String()
}

// codeQuoted puts a text in code quotes.
func codeQuoted(text string) string {
	if strings.Contains(text, "`") {
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// listed writes words in lines of up to 90 bytes.
func listed(words []string) string {
	text, width := "", 0
	for i, word := range words {
		switch {
		case i == 0:
		case width+len(word) > 88:
			text, width = text+",\n", 0
		default:
			text, width = text+", ", width+2
		}
		text, width = text+word, width+len(word)
	}
	return text + ".\n"
}

// exitCodes are what the codes mean for all commands.
var exitCodes = exits{
	"done; of `run`: everything is written",
	"failed: something could not be read, written or done, or tests failed. `run` says what it wrote and what it did not",
	"the call or a mapping is wrong: nothing was done",
	"`run` or `replay` finished, and there are rejects; `diff` found differences",
}

// manualParts makes the parts, by name: a list of commands, each command, the exit
// codes and the variables.
func manualParts() map[string]string {
	a := &app{getenv: func(string) string { return "" }}
	commands := runnable(a.newRoot(nil))
	var list, codes strings.Builder
	list.WriteString("| command | what it does |\n|---|---|\n")
	codes.WriteString("| code | meaning |\n|---|---|\n")
	for code, meaning := range exitCodes {
		fmt.Fprintf(&codes, "| %d | %s |\n", code, meaning)
	}
	fmt.Fprintf(&codes, "| %d | the reader of standard output closed it early, as `head` does |\n\n| command | 0 | 1 | 2 | 3 |\n|---|---|---|---|---|\n", closedPipe)
	parts := map[string]string{"variables": settings.Markdown()}
	for _, c := range commands {
		name := strings.TrimPrefix(c.CommandPath(), "sluice ")
		fmt.Fprintf(&list, "| [`sluice %s`](#sluice-%s) | %s |\n", name, strings.ReplaceAll(name, " ", "-"), c.Short)
		fmt.Fprintf(&codes, "| `%s` |", name)
		for code := range exitCodes {
			fmt.Fprintf(&codes, " %s |", c.Annotations[exitAnnotation(code)])
		}
		codes.WriteString("\n")
		parts[name] = commandPart(c)
	}
	list.WriteString("| `sluice completion SHELL` | Print a completion script for bash, zsh, fish or PowerShell |\n")
	parts["commands"], parts["exit codes"] = list.String(), codes.String()
	return parts
}

// runnable are the commands that do something, in the order of the help.
func runnable(root *cobra.Command) (all []*cobra.Command) {
	for _, c := range root.Commands() {
		switch {
		case c.Name() == "help" || c.Name() == "completion":
		case c.HasSubCommands():
			all = append(all, runnable(c)...)
		default:
			all = append(all, c)
		}
	}
	return all
}

func commandPart(c *cobra.Command) string {
	byFlag := map[string]settings.Variable{}
	for _, v := range settings.Variables() {
		byFlag[v.Flag] = v
	}
	rows := ""
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name, meaning, preset, variable := "`--"+f.Name+"`", f.Usage, f.DefValue, ""
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		switch v := byFlag[f.Name]; {
		case f.Annotations[meansAnnotation] != nil:
			meaning, preset = f.Annotations[meansAnnotation][0], f.Annotations[meansAnnotation][1]
			if strings.Contains(f.Usage, v.Name) {
				variable = "`" + v.Name + "`"
			}
		case v.Name != "" && strings.Contains(f.Usage, v.Name):
			meaning, preset, variable = orElse(v.Usage, v.Meaning), v.Default, "`"+v.Name+"`"
		case f.Name == "workers":
			preset = "one for each processor"
		case preset == "false":
			preset = "off"
		case preset != "":
			preset = "`" + preset + "`"
		}
		rows += fmt.Sprintf("| %s | %s | %s | %s |\n", name, strings.ReplaceAll(meaning, "|", `\|`), preset, variable)
	})
	text := c.Short + ".\n\n```\n" + c.UseLine() + "\n```\n"
	if rows != "" {
		text += "\n| flag | meaning | default | variable |\n|---|---|---|---|\n" + rows
	}
	return text
}

// Every command says what its exit codes mean.
func TestEveryCommandHasExitCodes(t *testing.T) {
	for _, c := range runnable((&app{}).newRoot(nil)) {
		if c.Annotations[exitAnnotation(0)] == "" || c.Annotations[exitAnnotation(2)] == "" || !strings.Contains(c.Long, "Exit codes: 0 ") {
			t.Errorf("%s does not say what its exit codes mean", c.CommandPath())
		}
	}
}

// Law: the tables of JSON in the manual have a row for every field, and none
// besides, in the order of the program.
func TestManualHasEveryField(t *testing.T) {
	page, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	for heading, of := range map[string]reflect.Type{
		"### `sluice run --json`":              reflect.TypeFor[summaryJSON](),
		"### `sluice rejects list --json`":     reflect.TypeFor[rejectsJSON](),
		"### `sluice check --format json`":     reflect.TypeFor[checkJSON](),
		"### `sluice inspect --json`":          reflect.TypeFor[inspectionJSON](),
		"### `sluice verify --json`":           reflect.TypeFor[verificationJSON](),
		"### `sluice schema --sources --json`": reflect.TypeFor[sourceJSON](),
		"### `sluice eval --json`":             reflect.TypeFor[evaluationJSON](),
		"### `sluice profile --json`":          reflect.TypeFor[profile.Report](),
		"### `sluice diff --json`":             reflect.TypeFor[compare.Report](),
	} {
		_, section, ok := strings.Cut(string(page), heading+"\n")
		if !ok {
			t.Errorf("%s has no section %s", manual, heading)
			continue
		}
		section, _, _ = strings.Cut(section, "\n#")
		var rows []string
		for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
			rows = append(rows, m[1])
		}
		if d := cmp.Diff(fieldsOf(of, ""), rows); d != "" {
			t.Errorf("%s (-program +manual):\n%s", heading, d)
		}
	}
}

// fieldsOf lists the names of JSON fields, those of objects in it with dots and
// those of lists with [].
func fieldsOf(of reflect.Type, prefix string) (all []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
			continue
		case f.Anonymous && name == "":
			all = append(all, fieldsOf(f.Type, prefix)...)
			continue
		}
		all = append(all, prefix+name)
		inner, below := f.Type, prefix+name+"."
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice || inner.Kind() == reflect.Map {
			switch inner.Kind() {
			case reflect.Slice:
				below = prefix + name + "[]."
			case reflect.Map:
				below = prefix + name + ".*."
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			all = append(all, fieldsOf(inner, below)...)
		}
	}
	return all
}

// verificationJSON is what `verify --json` prints, piece by piece.
type verificationJSON struct {
	Found []*verify.Fault `json:"found"`
	verificationSum
}

// Law: names in the JSON of commands are in snake_case.
func TestJSONNames(t *testing.T) {
	snake := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	var names []string
	for _, of := range []reflect.Type{reflect.TypeFor[summaryJSON](), reflect.TypeFor[rejectsJSON](), reflect.TypeFor[checkJSON](), reflect.TypeFor[inspectionJSON](), reflect.TypeFor[verificationJSON](),
		reflect.TypeFor[reportJSON](), reflect.TypeFor[explanationJSON](), reflect.TypeFor[evaluationJSON](), reflect.TypeFor[profile.Report](), reflect.TypeFor[compare.Report]()} {
		names = append(names, fieldsOf(of, "")...)
	}
	for _, name := range names {
		for _, part := range strings.Split(strings.ReplaceAll(name, "[]", ""), ".") {
			if part != "*" && !snake.MatchString(part) {
				t.Errorf("%s is not in snake_case", name)
			}
		}
	}
	if len(names) < 80 {
		t.Errorf("only %d names", len(names))
	}
}
