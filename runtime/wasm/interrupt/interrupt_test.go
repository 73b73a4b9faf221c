package interrupt_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

// A module that refers to the variable after its last, which would be one that
// Fit adds, is refused, though the fitted module would be valid.
func TestAddedVariablesAreOutOfReach(t *testing.T) {
	module := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x04\x01\x60\x00\x00" + // a type: no parameters, no results
		"\x03\x02\x01\x00" + // a function of it
		"\x05\x03\x01\x00\x01" + // a memory
		"\x06\x06\x01\x7f\x01\x41\x00\x0b" + // a global
		"\x07\x05\x01\x01f\x00\x00" + // the export f
		"\x0a\x0e\x01\x0c\x01\x01\x7f" + // a function with one local variable:
		"\x41\x00\x24\x00" + // 0 into global 0
		"\x41\x00\x21\x00\x0b") // 0 into local variable 0
	if _, err := interrupt.Fit(module); err != nil || !compiles(t, module) {
		t.Fatalf("a valid module: %v", err)
	}
	for back, want := range map[int]string{2: "local variable 1 of 1", 6: "global 1 of 1"} {
		i := len(module) - back
		module[i] = 1
		if _, err := interrupt.Fit(module); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a module that sets what Fit adds: %v", err)
		}
		module[i] = 0
	}
}

// A module is not changed in place, and what comes out does not alias it.
func TestFitOnlyReads(t *testing.T) {
	code, err := guest.Files.ReadFile("examples/cidr/cidr_c.wasm")
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(code)
	fitted, err := interrupt.Fit(code)
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.Clone(fitted)
	if !bytes.Equal(code, before) {
		t.Error("the module was changed")
	}
	clear(code)
	if !bytes.Equal(fitted, kept) {
		t.Error("the fitted module aliases the module")
	}
}

func compiles(t *testing.T, code []byte) bool {
	t.Helper()
	runtime := wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfigInterpreter().
		WithCoreFeatures(api.CoreFeaturesV2).WithMemoryLimitPages(1024))
	defer runtime.Close(context.Background())
	_, err := runtime.CompileModule(context.Background(), code)
	return err == nil
}

// A valid module is valid when it is fitted; an invalid one is refused or stays
// invalid, without a panic.
func FuzzFit(f *testing.F) {
	for _, files := range []fs.FS{os.DirFS("../testdata"), guest.Files} {
		err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".wasm") {
				return err
			}
			code, err := fs.ReadFile(files, path)
			f.Add(code)
			return err
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	for _, c := range endless {
		if code := c.code(); len(code) < 1<<16 {
			f.Add(code)
		}
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		if !bytes.HasPrefix(code, []byte("\x00asm\x01\x00\x00\x00")) {
			return
		}
		m, err := bytecode.Read(code)
		fitted, fitErr := interrupt.Fit(code)
		if err != nil || !m.Memory || len(m.Imports) > 0 {
			return
		}
		if slices.Contains(m.Exports, interrupt.Global) || slices.Contains(m.Exports, interrupt.Start) || !compiles(t, code) {
			return
		}
		if fitErr != nil && strings.Contains(fitErr.Error(), "grows a table") {
			return
		}
		if fitErr != nil || !compiles(t, fitted) {
			t.Errorf("a valid module became invalid: %v", fitErr)
		}
	})
}
