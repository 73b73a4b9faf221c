package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
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

// forThisMachine builds the function for this processor, with the flags of the
// tests of package lambda: what these compiled is not compiled again. Without tables for
// debuggers less is to be packed.
func forThisMachine(t *testing.T) (bootstrap string) {
	t.Helper()
	bootstrap = filepath.Join(t.TempDir(), "bootstrap")
	if said, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags=-s -w", "-o", bootstrap, "../bootstrap").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return bootstrap
}

// Mappings with WebAssembly go into the zip with their modules, as they are and
// compiled; the same bytes each time. What would not work there is said.
func TestMappingsWithWebAssembly(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Log("the function's program does not run here")
		return
	}
	if testing.Short() {
		t.Skip("left to make test")
	}
	bootstrap, dir := forThisMachine(t), ownFolder(t, ownMapping)
	var zips [2][]byte
	for i := range zips {
		out, notes := filepath.Join(t.TempDir(), "new", "a.zip"), new(strings.Builder)
		err := write(out, dir, bootstrap, notes)
		if err == nil {
			zips[i], err = os.ReadFile(out)
		}
		if err != nil || !strings.Contains(notes.String(), "Set SLUICE_MAPPING=own") || strings.Contains(notes.String(), "not compiled") {
			t.Fatalf("%v: %s", err, notes)
		}
	}
	if !bytes.Equal(zips[0], zips[1]) {
		t.Error("two packs give two zips")
	}
	compiled := 0
	files := entries(t, zips[0])
	for name, body := range files {
		switch {
		case strings.HasPrefix(name, "wasm-cache/wazero-") && len(body) > 0:
			compiled++
		case strings.HasSuffix(name, "_test.yaml"), strings.HasSuffix(name, ".txt") && name != "THIRD_PARTY_LICENSES.txt":
			t.Errorf("%s is in the zip", name)
		}
	}
	if compiled != 1 || string(files["mappings/own/m.yaml"]) != ownMapping || len(files["mappings/own/modules/risk.wasm"]) == 0 || files["mappings/wazuh/security_finding.yaml"] == nil {
		t.Errorf("%d compiled modules in %d files", compiled, len(files))
	}
	missing := ownFolder(t, strings.Replace(ownMapping, "modules/", "", 1))
	if err := write(filepath.Join(t.TempDir(), "a.zip"), missing, bootstrap, io.Discard); err == nil || !strings.Contains(err.Error(), "the module mappings/own/risk.wasm cannot be read") {
		t.Errorf("a module is missing: %v", err)
	}
}

// Where the function's program cannot be run, that is said, and the modules go
// into the zip all the same. Of the program only its header is looked at.
func TestWithoutAnEmulator(t *testing.T) {
	other := map[string]elf.Machine{"amd64": elf.EM_AARCH64, "arm64": elf.EM_X86_64}[runtime.GOARCH]
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(other), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS], header.Ident[elf.EI_DATA], header.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	var program bytes.Buffer
	if err := binary.Write(&program, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	if err := os.WriteFile(bootstrap, program.Bytes(), 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	root := t.TempDir()
	name, notCompiled, err := stage(root, ownFolder(t, ownMapping), bootstrap)
	if err != nil || name != "own" || !strings.Contains(notCompiled, "cannot run a program for") {
		t.Errorf("%q, %q, %v", name, notCompiled, err)
	}
	if _, err := os.Stat(filepath.Join(root, "mappings/own/modules/risk.wasm")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(root, cacheFolder)); err == nil {
		t.Error("there is a cache of nothing")
	}
	if err := os.WriteFile(bootstrap, []byte("#!/bin/sh\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, _, err := stage(t.TempDir(), ownFolder(t, ownMapping), bootstrap); err == nil || !strings.Contains(err.Error(), "not a program for Lambda") {
		t.Errorf("a script: %v", err)
	}
}

// Of CSV and JSON files those go into the zip that a mapping names.
func TestFilesOfTables(t *testing.T) {
	files := fstest.MapFS{
		"m.yaml": {Data: []byte("tables: {a: {file: data/assets.csv, key: ip}, r: {file: ranks.json}}")}, "m_test.yaml": {Data: []byte("alert_file: alerts.json")},
		"data/assets.csv": {}, "ranks.json": {}, "alerts.json": {}, "other.csv": {}, "notes.txt": {}, "risk.wasm": {},
	}
	texts, err := mappingTexts(files)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"m.yaml": true, "m_test.yaml": false, "data/assets.csv": true, "ranks.json": true, "alerts.json": false, "other.csv": false, "notes.txt": false, "risk.wasm": true} {
		if packed(name, texts) != want {
			t.Errorf("%s is packed: %t", name, !want)
		}
	}
}
