// Command pack writes the zip that is deployed: the function, and beside it the
// shipped mappings as files, so that they can be edited in the zip.
//
//	pack -o wazuh_to_amazon_security_lake.zip bin/arm64/bootstrap
//
// THIRD_PARTY_LICENSES.txt in it has the licenses of everything that is compiled in.
//
// With -wasm DIR it adds the mappings of a folder and the WebAssembly modules that
// they use, compiled for the function's processor where this machine can run the
// function.
//
// The same function gives the same bytes on every machine: entries are sorted and
// have no time of their own. It needs no zip program of the host.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/mappings"
)

// licenses are those of all modules in the function and the command. A test of this
// package makes the file: go test ./lambda/pack -run Licenses -update.
//
//go:embed THIRD_PARTY_LICENSES.txt
var licenses []byte

func main() {
	out := flag.String("o", "wazuh_to_amazon_security_lake.zip", "file to write")
	own := flag.String("wasm", "", "folder with mappings and their WebAssembly modules")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: pack [-o FILE.zip] [-wasm DIR] BOOTSTRAP")
		os.Exit(2)
	}
	if err := write(*out, *own, flag.Arg(0), os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

// write makes the zip in memory and renames it into place, so that there is never
// half of one. What a person should know goes to notes.
func write(out, own, bootstrap string, notes io.Writer) error {
	function, err := os.ReadFile(bootstrap)
	if err != nil {
		return err
	}
	staged, err := os.MkdirTemp("", "sluice-pack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staged)
	if own != "" {
		name, notCompiled, err := stage(staged, own, bootstrap)
		if err != nil {
			return err
		}
		if notCompiled != "" {
			fmt.Fprintf(notes, "The modules are packed but not compiled ahead, so each cold start compiles them: %s.\n", notCompiled)
		}
		fmt.Fprintf(notes, "Set SLUICE_MAPPING=%s to use the mappings of %s.\n", name, own)
	}
	var b bytes.Buffer
	if err := pack(&b, function, mappings.FS, os.DirFS(staged)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(out+".new", b.Bytes(), 0o666); err != nil {
		return err
	}
	return os.Rename(out+".new", out)
}

func pack(w io.Writer, function []byte, shipped, own fs.FS) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	if err := add(z, "bootstrap", 0o755, function); err != nil {
		return err
	}
	if err := add(z, "THIRD_PARTY_LICENSES.txt", 0o644, licenses); err != nil {
		return err
	}
	err := addTree(z, "mappings/", shipped)
	if err == nil {
		err = addTree(z, "", own)
	}
	return errors.Join(err, z.Close())
}

func addTree(z *zip.Writer, prefix string, files fs.FS) error {
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.yaml") {
			return err
		}
		text, err := fs.ReadFile(files, name)
		return errors.Join(err, add(z, prefix+name, 0o644, text))
	})
}

func add(z *zip.Writer, name string, mode fs.FileMode, body []byte) error {
	h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	h.SetMode(mode)
	w, err := z.CreateHeader(h)
	if err != nil {
		return err
	}
	_, err = w.Write(body)
	return err
}
