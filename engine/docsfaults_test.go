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

// said is a text in the code that somebody may get to read.
type saidText struct{ place, text string }

// faultPackages hold what is said of mappings, test files and guests.
var faultPackages = []string{"syntax", "plan", "expression", ".", "../runtime/mapping", "../runtime/wasm"}

// otherFiles say what is no fault: warnings and explanations.
var otherFiles = regexp.MustCompile(`^(lint|explain|update|finding)[_.]|^mapping\.go$|^plan\.go$`)

// otherCalls get texts that are looked for, joined or traced, and not said.
var otherCalls = []string{"HasPrefix", "HasSuffix", "Contains", "TrimPrefix", "TrimSuffix", "Cut", "MustCompile", "Replace", "ReplaceAll", "NewReplacer", "warn", "transform"}

// parts are texts inside faults that have a row, and no faults themselves.
var parts = []string{}

// Law: every fault that the code has is in the manual, with its cure.
func TestManualHasEveryFault(t *testing.T) {
	var patterns []*regexp.Regexp
	for _, row := range rows(section(t, "Faults and their cures")) {
		if len(row) != 2 || row[1] == "" {
			t.Errorf("%q has no cure", row[0])
		}
		patterns = append(patterns, regexp.MustCompile("(?s)^"+strings.ReplaceAll(regexp.QuoteMeta(row[0]), "…", ".*")))
	}
	known := func(text string) bool {
		return slices.Contains(parts, text) || slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
	}
	texts := 0
	for _, dir := range faultPackages {
		for _, s := range saidIn(t, dir) {
			texts++
			if !known(s.text) {
				t.Errorf("%s: docs/mapping.md has no row for %q: add one with its cure, or name it among the parts if it is no fault", s.place, s.text)
			}
		}
	}
	if texts < 200 {
		t.Errorf("only %d texts", texts)
	}
}

var verb = regexp.MustCompile(`%[+#]?[0-9]*[a-zA-Z]`)

// saidIn gives the texts of four words or more in a package, what is put into
// them as `…`.
func saidIn(t *testing.T, dir string) (all []saidText) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %v", dir, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || otherFiles.MatchString(filepath.Base(name)) {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ImportSpec, *ast.Field:
				return false
			case *ast.CallExpr:
				return !slices.Contains(otherCalls, called(n))
			case ast.Expr:
				text, ok := literal(n)
				if ok && strings.Count(text, " ") >= 3 {
					all = append(all, saidText{set.Position(n.Pos()).String(), strings.TrimSpace(verb.ReplaceAllString(text, "…"))})
				}
				return !ok
			}
			return true
		})
	}
	return all
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
