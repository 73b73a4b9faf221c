package wasm_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// The function of docs/wasm.md in each language is the example that is kept
// built, but for where the kit lies, and it works.
func TestTheFunctionOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/wasm.md")
	if err != nil {
		t.Fatal(err)
	}
	command := "`GOOS=wasip1 GOARCH=wasm " + strings.Replace(strings.Join(goCommand, " "), "-ldflags=-s -w", "-ldflags='-s -w'", 1) + " twice.wasm`"
	if !strings.Contains(string(page), command) {
		t.Errorf("the page does not build by %s, as this test does", command)
	}
	for _, c := range []struct{ fence, source, built, here, there string }{
		{"go", "main.go", "twice_go", "", ""},
		{"c", "twice.c", "twice_c", "../../c/sluice.h", "sluice.h"},
		{"rust", "twice.rs", "twice_rs", "#[path = \"../../rust/sluice.rs\"]\n", ""},
		{"ts", "twice.ts", "twice_as", "../../as/sluice", "./sluice"},
	} {
		source, err := guest.Files.ReadFile("examples/twice/" + c.source)
		if err != nil {
			t.Fatal(err)
		}
		text := string(source)
		if c.here != "" {
			text = strings.ReplaceAll(text, c.here, c.there)
		}
		_, snippet, _ := strings.Cut(string(page), "\n```"+c.fence+"\n")
		snippet, _, ok := strings.Cut(snippet, "```")
		if !ok || !strings.Contains(text, snippet) {
			t.Errorf("%s is not the page's\n%s", c.source, snippet)
		}
		m := loadExample(t, "twice/"+c.built, wasm.Config{Functions: []string{"twice"}})
		f, err := guestOf(t, m).Func(context.Background(), "twice")
		if err != nil {
			t.Fatal(err)
		}
		for arg, want := range map[alert.Value]alert.Value{alert.OfInt(21): alert.OfInt(42), alert.OfInt(-1): alert.OfInt(-2), alert.OfText("21"): {}, {}: {}} {
			if got, err := f([]alert.Value{arg}); err != nil || got != want {
				t.Errorf("%s: twice(%v) gave %v, %v", c.source, arg, got, err)
			}
		}
	}
}
