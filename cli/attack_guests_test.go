package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Attackers: C. Whatever a module does where it is loaded or called, and even without a
// time limit, the command ends within 5 s of SIGINT.
func TestAttackGuests(t *testing.T) {
	t.Parallel()
	slow(t)
	modules, err := filepath.Glob("../runtime/wasm/testdata/hostile/*.wasm")
	if err != nil || len(modules) < 20 {
		t.Fatalf("%d modules (%v)", len(modules), err)
	}
	dir := t.TempDir()
	for _, module := range modules {
		code, err := os.ReadFile(module)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(module)
		exports := []string{"loop"}
		if name == "faulty.wasm" || name == "busy.wasm" {
			exports = append(exports, "recurse", "branching", "grow", "chatter", "fill", "copy", "random", "write")
		}
		for _, export := range exports {
			mapping := "mapping: m\nschema: 1.1.0\nclass: base_event\nfunctions:\n  f: {wasm: " + name + ", export: " + export + ", args: 0, limits: {timeout_ms: 0}}\n" +
				"event: {activity_id: 0, severity_id: 1, time: =timestamp, message: =f(), metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}}\n"
			for file, text := range map[string]string{name: string(code), "m.yaml": mapping, "a.json": `{"id":"1","timestamp":"2026-03-14T06:00:00Z"}`} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range [][]string{{"check", "m.yaml"}, {"run", "-m", "m.yaml", "-o", "lake", "a.json"}, {"wasm", "run", name, export}} {
				a := attack{dir: dir, stop: time.Second}
				r := a.stopped(t, nil, args...)
				if r.took > a.stop+stopTime || strings.Contains(r.stderr, "fatal error") {
					t.Error(fmt.Sprintf("%s %s %s", name, export, args[0]), r.took, r.stderr)
				}
			}
		}
	}
}
