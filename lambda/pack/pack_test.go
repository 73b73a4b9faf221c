package main

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/sluice-lake/sluice/mappings"
)

// maxZip is what the zip may have at most, in bytes: a limit of our own, so that nobody adds a
// large dependency unseen. That for x86-64 is the larger one.
const maxZip = 11 << 20

// TestTheZip makes the zip that is deployed as `make lambda` does, twice, in folders of
// their own: same bytes, within the bound, with all that belongs in it. It is the zip
// for this processor, whose packages the other tests compile too, unless ARCH names
// another: `make check` tests the one for arm64.
func TestTheZip(t *testing.T) {
	if testing.Short() {
		t.Skip("left to make test")
	}
	arch := os.Getenv("ARCH")
	if arch == "" {
		arch = runtime.GOARCH
	}
	zip := makeZip(t, "ARCH="+arch)
	if len(zip) > maxZip {
		t.Errorf("the zip has %d bytes, more than %d", len(zip), maxZip)
	}
	t.Logf("%d bytes", len(zip))
	files := entries(t, zip)
	program := files["bootstrap"]
	if !bytes.Equal(files["THIRD_PARTY_LICENSES.txt"], licenses) {
		t.Error("the zip lacks the licenses")
	}
	machine := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]
	if file, err := elf.NewFile(bytes.NewReader(program)); err != nil || file.Machine != machine || len(program) < 1<<20 {
		t.Errorf("bootstrap is not a program for %s (%v)", arch, err)
	}
	if commit, err := exec.Command("git", "describe", "--always", "--exclude", "*", "--abbrev=12").Output(); err == nil && !bytes.Contains(program, bytes.TrimSpace(commit)) {
		t.Errorf("the program does not know that it is of commit %s", commit)
	}
	for _, name := range []string{"wazuh/security_finding.yaml", "wazuh/detection_finding.yaml", "wazuh/shared/attack.json", "wazuh/shared/attack.NOTICE"} {
		want, err := mappings.FS.ReadFile(name)
		if err != nil || !bytes.Equal(files["mappings/"+name], want) {
			t.Errorf("mappings/%s is not the shipped one (%v)", name, err)
		}
	}
	with := makeZip(t, "ARCH="+arch, "WASM="+ownFolder(t, ownMapping))
	if directory := binary.LittleEndian.Uint32(zip[len(zip)-6:]); !bytes.HasPrefix(with, zip[:directory]) {
		t.Error("a second build, with WASM=DIR, changes more than it adds")
	}
	added := entries(t, with)
	if string(added["mappings/own/m.yaml"]) != ownMapping {
		t.Error("WASM=DIR does not add the folder's mapping")
	}
	for name, body := range files {
		if !bytes.Equal(added[name], body) {
			t.Errorf("with WASM=DIR %s is another", name)
		}
	}
}

// makeZip runs `make lambda` with its files in folders of their own.
func makeZip(t *testing.T, more ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "a.zip")
	cmd := exec.Command("make", append([]string{"-s", "lambda", "BIN=" + t.TempDir(), "ZIP=" + out}, more...)...)
	cmd.Dir = "../.."
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make lambda: %v\n%s", err, said)
	}
	body, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func entries(t *testing.T, body []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		if want := os.FileMode(0o644); f.Name != "bootstrap" && f.Mode() != want || f.Name == "bootstrap" && f.Mode() != 0o755 {
			t.Errorf("%s has the mode %s", f.Name, f.Mode())
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}
