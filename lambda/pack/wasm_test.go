package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

const ownMapping = `mapping: own/m
schema: 1.1.0
class: detection_finding
source: own
functions:
  risk: {wasm: modules/risk.wasm, args: 2}
event:
  activity_id: 1
  severity_id: 2
  time: =timestamp
  risk_score: =risk(agent.ip, rule.level)
  finding_info: {uid: u, title: t}
  metadata: {product: {name: n, vendor_name: v}}
`

func ownFolder(t *testing.T, text string) string {
	t.Helper()
	module, err := os.ReadFile("../../runtime/wasm/guest/examples/risk/risk_c.wasm")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "own")
	for name, body := range map[string]string{"m.yaml": text, "m_test.yaml": "[]", "notes.txt": "x", "modules/risk.wasm": string(module)} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(body), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// packWith is `make lambda` for this machine's processor.
func packWith(t *testing.T, bin, dir string) (zip []byte, said string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "a.zip")
	cmd := exec.Command("make", "-s", "lambda", "BIN="+bin, "ZIP="+out, "ARCH="+runtime.GOARCH, "WASM="+dir)
	cmd.Dir = "../.."
	b, err := cmd.CombinedOutput()
	if err != nil {
		return nil, string(b)
	}
	if zip, err = os.ReadFile(out); err != nil {
		t.Fatal(err)
	}
	return zip, string(b)
}

// Mappings with WebAssembly go into the zip with their modules, as they are and
// compiled; the same bytes each time. What would not work there is said.
func TestMappingsWithWebAssembly(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("the function's program does not run here")
		return
	}
	bin, dir := t.TempDir(), ownFolder(t, ownMapping)
	first, said := packWith(t, bin, dir)
	again, _ := packWith(t, bin, dir)
	if first == nil || string(first) != string(again) || !strings.Contains(said, "Set SLUICE_MAPPING=own") {
		t.Fatalf("%d and %d bytes: %s", len(first), len(again), said)
	}
	compiled := 0
	files := entries(t, first)
	for name, body := range files {
		switch {
		case strings.HasPrefix(name, "wasm-cache/wazero-") && len(body) > 0:
			compiled++
		case strings.HasSuffix(name, "_test.yaml"), strings.HasSuffix(name, ".txt"):
			t.Errorf("%s is in the zip", name)
		}
	}
	if compiled != 1 || string(files["mappings/own/m.yaml"]) != ownMapping || len(files["mappings/own/modules/risk.wasm"]) == 0 || files["mappings/wazuh/security_finding.yaml"] == nil {
		t.Errorf("%d compiled modules in %d files", compiled, len(files))
	}
	if _, said := packWith(t, bin, ownFolder(t, strings.Replace(ownMapping, "modules/", "", 1))); !strings.Contains(said, "the module mappings/own/risk.wasm cannot be read") {
		t.Errorf("a module is missing: %s", said)
	}
}

// Where the function's program cannot be run, that is said, and the modules go
// into the zip all the same.
func TestWithoutAnEmulator(t *testing.T) {
	bin := t.TempDir()
	other := map[string]string{"amd64": "arm64", "arm64": "amd64"}[runtime.GOARCH]
	cmd := exec.Command("go", "build", "-o", filepath.Join(bin, "bootstrap"), "../bootstrap")
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+other, "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	t.Setenv("PATH", "")
	root := t.TempDir()
	name, notCompiled, err := stage(root, ownFolder(t, ownMapping), filepath.Join(bin, "bootstrap"))
	if err != nil || name != "own" || !strings.Contains(notCompiled, "cannot run a program for") {
		t.Errorf("%q, %q, %v", name, notCompiled, err)
	}
	if _, err := os.Stat(filepath.Join(root, "mappings/own/modules/risk.wasm")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(root, cacheFolder)); err == nil {
		t.Error("there is a cache of nothing")
	}
}
