package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sluice-lake/sluice/mappings"
)

// maxZip is what the zip for arm64 may have at most.
const maxZip = 9 << 20

// TestTheZip makes the zip that is deployed as `make lambda` does, twice and in
// two folders: same bytes, within the bound, with all that belongs in it.
func TestTheZip(t *testing.T) {
	var zips [][]byte
	for range 2 {
		out := filepath.Join(t.TempDir(), "a.zip")
		cmd := exec.Command("make", "-s", "lambda", "BIN="+t.TempDir(), "ZIP="+out)
		cmd.Dir = "../.."
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("make lambda: %v\n%s", err, said)
		}
		body, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		zips = append(zips, body)
	}
	if !bytes.Equal(zips[0], zips[1]) {
		t.Error("two builds give two zips")
	}
	if len(zips[0]) > maxZip {
		t.Errorf("the zip has %d bytes, more than %d", len(zips[0]), maxZip)
	}
	t.Logf("%d bytes", len(zips[0]))
	files := entries(t, zips[0])
	if f := files["bootstrap"]; len(f) < 1<<20 || !bytes.HasPrefix(f, []byte("\x7fELF")) || f[18] != 183 {
		t.Error("bootstrap is no program for arm64")
	}
	for _, name := range []string{"wazuh/security_finding.yaml", "wazuh/detection_finding.yaml"} {
		want, err := mappings.FS.ReadFile(name)
		if err != nil || !bytes.Equal(files["mappings/"+name], want) {
			t.Errorf("mappings/%s is not the shipped one (%v)", name, err)
		}
	}
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
