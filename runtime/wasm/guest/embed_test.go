package guest

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The built modules belong to the sources beside them: neither changed since
// the Makefile built one from the other, and none is missing.
func TestBuiltModulesAreOfTheirSources(t *testing.T) {
	list, err := os.Open("SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	noted := make(map[string]bool)
	for lines := bufio.NewScanner(list); lines.Scan(); {
		want, name, _ := strings.Cut(lines.Text(), "  ")
		noted[name] = true
		b, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
			continue
		}
		if digest := sha256.Sum256(b); hex.EncodeToString(digest[:]) != want {
			t.Errorf("%s changed since the modules were built: run make in runtime/wasm/guest", name)
		}
	}
	for _, pattern := range []string{
		"c/*.h", "rust/*.rs", "as/*.ts", "examples/*/*.c", "examples/*/*.rs", "examples/*/*.ts", "examples/*/*.wasm",
		"../testdata/hostile/*.wat", "../testdata/hostile/*.wasm",
	} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Errorf("%s: no files, %v", pattern, err)
		}
		for _, name := range names {
			if !noted[filepath.ToSlash(name)] {
				t.Errorf("%s is not in SHA256SUMS: run make in runtime/wasm/guest", name)
			}
		}
	}
}
