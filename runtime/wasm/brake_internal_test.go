package wasm

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// A module that reaches for the variable after its last, which would be one of
// the brake's, is refused, though with the brake it would be valid.
func TestBrakeIsOutOfReach(t *testing.T) {
	module := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x04\x01\x60\x00\x00" + // a type: no parameters, no results
		"\x03\x02\x01\x00" + // a function of it
		"\x05\x03\x01\x00\x01" + // a memory
		"\x06\x06\x01\x7f\x01\x41\x00\x0b" + // a global
		"\x07\x05\x01\x01f\x00\x00" + // the export f
		"\x0a\x0e\x01\x0c\x01\x01\x7f" + // a function with one local variable:
		"\x41\x00\x24\x00" + // 0 into global 0
		"\x41\x00\x21\x00\x0b") // 0 into local variable 0
	if _, err := fitted(module); err != nil || !compiles(t, module) {
		t.Fatalf("a valid module: %v", err)
	}
	for back, want := range map[int]string{2: "local variable 1 of 1", 6: "global 1 of 1"} {
		i := len(module) - back
		module[i] = 1
		if _, err := fitted(module); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("a module that sets its brake: %v", err)
		}
		module[i] = 0
	}
}

func fitted(code []byte) ([]byte, error) {
	o, err := readOutline(code)
	if err != nil {
		return nil, err
	}
	return fitBrake(code, o)
}

func compiles(t *testing.T, code []byte) bool {
	t.Helper()
	runtime := wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfigInterpreter().
		WithCoreFeatures(api.CoreFeaturesV2).WithMemoryLimitPages(DefaultMemoryPages))
	defer runtime.Close(context.Background())
	_, err := runtime.CompileModule(context.Background(), code)
	return err == nil
}

// Whatever module is valid is valid with a brake; what is none is refused
// without a panic.
func FuzzBrake(f *testing.F) {
	for _, files := range []fs.FS{os.DirFS("testdata"), guest.Files} {
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
	f.Fuzz(func(t *testing.T, code []byte) {
		m := newModule(nil, "m", Config{})
		if m.identify(code) != "" {
			return
		}
		braked, err := fitted(code)
		if strings.Contains(string(code), brakeExport) || strings.Contains(string(code), startExport) {
			return
		}
		o, outlineErr := readOutline(code)
		if outlineErr != nil || !o.memory || len(importFaults(o.imports)) > 0 || !compiles(t, code) {
			return
		}
		if err != nil && strings.Contains(err.Error(), "grows a table") {
			return
		}
		if err != nil || !compiles(t, braked) {
			t.Errorf("a valid module became invalid: %v", err)
		}
	})
}
