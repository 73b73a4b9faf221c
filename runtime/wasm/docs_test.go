package wasm_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
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
	for _, c := range []struct{ fence, source, built, here, there string }{
		{"go", "main.go", "", "", ""},
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
		code, err := guest.Files.ReadFile("examples/twice/" + c.built + ".wasm")
		if c.built == "" {
			code, err = twiceInGo(t)
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := newHost(t).Load(context.Background(), c.source, code, wasm.Config{Functions: []string{"twice"}})
		if err != nil {
			t.Fatal(err)
		}
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

// twiceInGo builds by the page's command.
func twiceInGo(t *testing.T) ([]byte, error) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "twice.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-o", out, "./guest/examples/twice")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return os.ReadFile(out)
}
