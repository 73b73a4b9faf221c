package cli

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Law: a clean text has no character without a picture, and is the text itself
// where that has none.
func FuzzCleaned(f *testing.F) {
	for _, text := range []string{"a b ö 世", "a\nb\tc\r", "\x1b[31mred\x1b[0m", "\u009b31m\u202e\u200b\x7f\x00", "\xff\xfe", "\U000e0041", "\ufffd\u2028\u2029"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := string(cleaned(text))
		if bad := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); bad >= 0 || !utf8.ValidString(got) {
			t.Fatalf("%q became %q", text, got)
		}
		if string(cleaned(got)) != got {
			t.Fatalf("%q is not clean at once", text)
		}
		if !strings.Contains(got, `\`) && got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// Law: however a stream of messages is cut into writes, it shows the same, in which
// only line ends have no picture.
func FuzzMessages(f *testing.F) {
	f.Add("a\nö\x1b\u202e世\xff", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		var whole, parts bytes.Buffer
		if !utf8.ValidString(text) {
			return // a character that never ends is not shown
		}
		if _, err := (&messages{to: &whole}).Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		m := &messages{to: &parts}
		for part := range slices.Chunk([]byte(text), max(1, size%7)) {
			if n, err := m.Write(part); err != nil || n != len(part) {
				t.Fatal(n, err)
			}
		}
		clean := func(r rune) bool { return r == '\n' || unicode.IsPrint(r) }
		if strings.IndexFunc(whole.String(), func(r rune) bool { return !clean(r) }) >= 0 {
			t.Fatalf("%q became %q", text, whole.String())
		}
		if strings.Trim(text, "\t ") == text && !strings.ContainsAny(text, "\n\t") && whole.String() != parts.String() {
			t.Fatalf("%q became %q, in parts %q", text, whole.String(), parts.String())
		}
	})
}

// Only the line ends between joined errors are those of the program.
func TestErrorsHaveOneLineEach(t *testing.T) {
	bad := &fs.PathError{Op: "open", Path: "a\nFORGED", Err: fs.ErrNotExist}
	for _, c := range []struct {
		err  error
		want string
	}{
		{bad, `open a\nFORGED: file does not exist`},
		{errors.Join(bad, errors.New("b\x1b")), "open a\\nFORGED: file does not exist\nb\\u001b"},
		{fmt.Errorf("in\n%s: %w, and %w", "x\ry", errors.Join(bad, errors.New("b")), bad),
			"in\\nx\\ry: open a\\nFORGED: file does not exist\nb, and open a\\nFORGED: file does not exist"},
		{usage(errors.Join(errors.New("a"), errors.New("b\u2028c"))), "a\nb\\u2028c"},
	} {
		if got := string(cleanError(c.err)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// Formatted text is written in people.go alone. The others write what holds no text
// of others, or no text for people.
func TestOneDoor(t *testing.T) {
	allowed := map[string]string{
		"people.go": "the door itself", "progress.go": "numbers", "version.go": "what was built",
		"history.go": "a file", "watch.go": "a text that is compared", "jsonschema.go": "JSON",
		"schematable.go": "what cleanLines made",
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || allowed[name] != "" {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := call.X.(*ast.Ident)
			if of != nil && (of.Name == "fmt" && strings.Contains("Fprint Fprintf Fprintln Print Printf Println", call.Sel.Name) ||
				of.Name == "io" && call.Sel.Name == "WriteString" || of.Name == "cmd" && strings.HasPrefix(call.Sel.Name, "Print")) {
				t.Errorf("%s writes with %s.%s, past printf", name, of.Name, call.Sel.Name)
			}
			return true
		})
	}
}
