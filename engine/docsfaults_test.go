package engine_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// placed is a text in the code, with its file.
type placed struct{ place, text string }

// faultPackages hold what is said of mappings, test files and guests.
var faultPackages = []string{"syntax", "plan", "expression", "function", ".", "../runtime/mapping", "../runtime/wasm", "../runtime/wasm/bytecode", "../runtime/wasm/interrupt"}

// otherFiles say what is not a fault: warnings, explanations and definitions.
var otherFiles = regexp.MustCompile(`^(lint|explain|update|finding|define|definition)[_.]|^mapping\.go$|^plan\.go$`)

// otherCalls get texts that are looked for, joined or traced, and not said.
var otherCalls = []string{"HasPrefix", "HasSuffix", "Contains", "TrimPrefix", "TrimSuffix", "Cut", "MustCompile", "Replace", "ReplaceAll", "NewReplacer", "warn", "transform"}

// parts go into faults that have a row, as do texts that begin with a semicolon,
// or are said to nobody but programmers.
var parts = []string{
	"… takes … or more, not …", "… takes … to …, not …", "… takes …, not …", // arguments
	"expressions give the same result every time and cannot read the clock; use a time of the alert, such as timestamp",
	"the target attribute converts times by itself; give it the time as text",
	"events hold times and numbers, not durations; write the number of milliseconds",
	"times without a zone are UTC, and zones of the host are not read; leave the zone out",
	"…; put texts in quotes",
	", or begin the event with `$part: event`, that of the mapping that this one extends",                              // `… requires … (…): add it…`
	"sluice ships no such file; the mappings and sets that it ships are ……", "…; the one that sluice ships is named …", // `… cannot be included: …`
	"…in part `…`, used at …",                                                                // behind a fault
	"pairs of hexadecimal digits", "base64 with the alphabet for URLs", "not pairs of bytes", // `…: the text is not …`
	"at least one of …", "exactly one of …", "at least one of", "exactly one of", "… requires … …: add one",
	"leave out rows and columns that no rule looks up", // `it has … bytes, …`
	"mapping: my/mapping", "… (this line is indented with a tab: use spaces)",
	"(the indentation of this line fits none above it: align it with the lines that it belongs to)",
	"a transform of the mapping dropped the alert",          // of `sluice eval`, about an alert
	"class_uid: is …, and the mapping makes events of …, …", // `the transform gave an event that breaks the class: …`
	"true or false", "true or false (boolean_t)", "a time from 1970 to 9999 (…)", "a value of its enum (…)", // types

	"wasm …, …: …", "wasm …: closing: …", "wasm …, …: stopped: …", "wasm …: compiling it was stopped: …", "(a text outside its memory)",
	"out of bounds memory access", "integer divide by zero", // wazero's
	"called from inside one of its own calls, as a Log function must not", "used after it was closed",
	"/gc/heap/goal:bytes", // a name of the runtime's
	"the run has ended",   // nobody sees what comes of the alert then
	"the host is closed: make a new one", "the config names nothing to call: name a function or a stage",
	"wasm …: … is not among the functions it was loaded for: name it in the Config",
	"wasm …: it was not loaded for …: set the stage in the Config",
}

// Law: every fault that the code has is in the manual, with its cure, and the
// manual has no others.
func TestManualHasEveryFault(t *testing.T) {
	type entry struct {
		text    string
		pattern *regexp.Regexp
		met     bool
	}
	var entries []*entry
	for _, row := range rows(section(t, "Faults and their cures")) {
		if row[0] == "fault" || strings.HasPrefix(row[0], "---") {
			continue
		}
		if len(row) != 2 || row[1] == "" {
			t.Errorf("%q has no cure", row[0])
		}
		entries = append(entries, &entry{row[0], regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(row[0]), "…", ".*")), false})
	}
	known := func(text string) (ok bool) {
		for _, e := range entries {
			if e.pattern.MatchString(text) {
				e.met, ok = true, true
			}
		}
		return ok
	}
	for _, f := range fixtureFaults(t) {
		if !known(f.Message) && f.Message != "WebAssembly is not available here" { // but on the command line it is
			t.Errorf("not listed: %s", f.Message)
		}
	}
	texts := 0
	for _, dir := range faultPackages {
		for _, s := range textsIn(t, dir) {
			texts++
			if !known(s.text) && !strings.HasPrefix(s.text, ";") && len(word.FindAllString(s.text, 3)) == 3 && !slices.Contains(parts, s.text) {
				t.Errorf("%s: docs/mapping.md has no row for %q: add one with its cure, or name it among the parts if it is not a fault", s.place, s.text)
			}
		}
	}
	if texts < 300 {
		t.Errorf("only %d texts", texts)
	}
	for _, e := range entries {
		if !e.met {
			t.Errorf("nothing says: %s", e.text)
		}
	}
}

var word = regexp.MustCompile(`\b[A-Za-z]{2,}\b`)

var verb = regexp.MustCompile(`%[+#]?[0-9]*[a-zA-Z]`)

// textsIn gives the texts in a package, with `…` for what is put into them.
func textsIn(t *testing.T, dir string) (all []placed) {
	t.Helper()
	for name, file := range sourcesIn(t, dir) {
		if otherFiles.MatchString(filepath.Base(name)) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec, *ast.Field:
				return false
			case *ast.CallExpr:
				return !slices.Contains(otherCalls, called(n))
			case ast.Expr:
				text, ok := literal(n)
				if ok && text != "" {
					text = verb.ReplaceAllString(strings.ReplaceAll(text, "%q", `"…"`), "…")
					all = append(all, placed{name, strings.TrimSpace(text)})
				}
				return !ok
			}
			return true
		})
	}
	return all
}

// sourcesIn gives the files of a package without its tests, by their names.
func sourcesIn(t *testing.T, dir string) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, nil, 0); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// literal is the text of a string, or of a sum with one, whose other sides are
// left open.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		a, left := literal(e.X)
		b, right := literal(e.Y)
		if e.Op != token.ADD || !left && !right {
			return "", false
		}
		if !left {
			a = "…"
		}
		if !right {
			b = "…"
		}
		return a + b, true
	}
	return "", false
}
