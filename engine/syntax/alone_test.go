package syntax_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/syntax"
)

// Law: every byte of an expression that stands alone is where it was in its text.
func FuzzAlone(f *testing.F) {
	for _, text := range []string{"", "=", "a", "= a + b", "  =a +\n\tb", "\n=a", "ä\nö", "==x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := syntax.Alone("argument", text)
		skipped := len(text) - len(e.Text)
		if got := strings.TrimLeft(text[:skipped], " \t"); got != "" && got != "=" || text[skipped:] != e.Text {
			t.Fatalf("%q became %q", text, e.Text)
		}
		for i := range e.Text {
			before := text[:skipped+i]
			line := strings.Count(before, "\n")
			col := len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
			if want := (syntax.Pos{File: "argument", Line: line + 1, Col: col + 1}); e.At(i) != want {
				t.Fatalf("%q: byte %d is at %v, want %v", text, i, e.At(i), want)
			}
		}
	})
}
