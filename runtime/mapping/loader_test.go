package mapping_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: what a mapping names lies below its folder, the folder that was named, or the
// working directory, and no link leads out of these; unless that is allowed.
func TestNothingOutside(t *testing.T) {
	dir := write(t, map[string]string{
		"secret/all.yaml":   "let: {severity: 1}\n",
		"secret/t.csv":      "ip\n192.0.2.1\n",
		"pack/sub/in.yaml":  "let: {severity: 1}\n",
		"pack/sub/own.yaml": strings.Replace(finding, "../shared/all.yaml", "in.yaml", 1),
		"project/up.yaml":   "let: {severity: 1}\n",
	})
	links := map[string]string{"pack/file.yaml": "../secret/all.yaml", "pack/far": "../secret", "pack/absolute.yaml": filepath.Join(dir, "secret/all.yaml"), "pack/near.yaml": "sub/in.yaml", "pack/link.csv": "../secret/t.csv", "pack/m.wasm": "../secret/all.yaml"}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err) // only where links are not allowed
		}
	}
	load := func(l *mapping.Loader, include, more string) error {
		text := strings.Replace(finding, "../shared/all.yaml", include, 1) + more
		if err := os.WriteFile(filepath.Join(dir, "pack/m.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		files, err := l.Load([]string{filepath.Join(dir, "pack/m.yaml")})
		if err == nil {
			_, err = engine.Compile(files, engine.Options{})
		}
		return err
	}
	const table = "tables: {t: {file: link.csv, key: ip}}\n"
	for include, inside := range map[string]bool{
		"sub/in.yaml": true, "near.yaml": true, "./sub/../sub/in.yaml": true, "../secret/all.yaml": false, "file.yaml": false, "far/all.yaml": false,
		"absolute.yaml": false, filepath.Join(dir, "secret/all.yaml"): false, "../pack/../secret/all.yaml": false,
	} {
		err := load(new(mapping.Loader), include, "")
		if (err == nil) != inside || err != nil && !strings.Contains(err.Error(), "--allow-outside") {
			t.Errorf("%s: %v", include, err)
		}
		if err := load(&mapping.Loader{AllowOutside: true}, include, ""); err != nil {
			t.Errorf("%s, allowed: %v", include, err)
		}
	}
	if err := load(new(mapping.Loader), "sub/in.yaml", table); err == nil || !strings.Contains(err.Error(), "a link leads out") {
		t.Errorf("a table by a link: %v", err)
	}
	l := new(mapping.Loader)
	if err := load(l, "sub/in.yaml", ""); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pack/m.wasm", "secret/all.yaml", "../../../../etc/passwd"} {
		if _, err := l.Module(filepath.Join(dir, name)); err == nil {
			t.Errorf("module %s is read", name)
		}
		if _, err := l.Open(filepath.Join(dir, name)); err == nil {
			t.Errorf("alerts %s are read", name)
		}
		if _, err := l.Tests(filepath.Join(dir, name)); err == nil {
			t.Errorf("tests %s are read", name)
		}
	}
	if f, err := l.Open(filepath.Join(dir, "pack/near.yaml")); err != nil {
		t.Error(err)
	} else if text, err := io.ReadAll(f); err != nil || f.Close() != nil || len(text) == 0 {
		t.Error(err)
	}
}

// The roots are those of the call: a folder that was named, and the working directory
// for a relative name below it.
func TestRoots(t *testing.T) {
	dir := write(t, map[string]string{
		"top/packs/a.yaml":    finding,
		"top/shared/all.yaml": "let: {severity: 1}\n",
		"elsewhere/x":         "",
	})
	compiles := func(args ...string) bool {
		t.Helper()
		files, err := new(mapping.Loader).Load(args)
		if err == nil {
			_, err = engine.Compile(files, engine.Options{})
		}
		return err == nil
	}
	file := filepath.Join(dir, "top/packs/a.yaml")
	t.Chdir(filepath.Join(dir, "elsewhere"))
	if compiles(file) || !compiles(filepath.Join(dir, "top")) || compiles("../top/packs/a.yaml") {
		t.Error("the folder that was named is not the root")
	}
	t.Chdir(filepath.Join(dir, "top"))
	if !compiles("packs/a.yaml") || !compiles("packs") || compiles(file) {
		t.Error("the working directory is not a root of what is named below it alone")
	}
	t.Setenv("HOME", filepath.Join(dir, "top"))
	if compiles("packs/a.yaml") {
		t.Error("the home folder is a root")
	}
}

// Law: what was named before is a root of what is below it, and of nothing else, however short its
// name.
func TestRootsAreAround(t *testing.T) {
	alone := func(name string) string {
		return "mapping: " + name + "\nschema: 1.1.0\nclass: base_event\nevent: {activity_id: 0, severity_id: 1, time: =timestamp, metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}}\n"
	}
	dir := write(t, map[string]string{"a/m.yaml": alone("m"), "another/folder/n.yaml": alone("n"), "elsewhere/x": ""})
	t.Chdir(filepath.Join(dir, "elsewhere"))
	for _, args := range [][]string{{"a/m.yaml", "another/folder/n.yaml"}, {"another/folder/n.yaml", "a/m.yaml"}, {"a", "another/folder"}} {
		for i := range args {
			args[i] = filepath.Join(dir, args[i])
		}
		if files, err := new(mapping.Loader).Load(args); err != nil || len(files) != 2 {
			t.Errorf("%v: %d files, %v", args, len(files), err)
		}
	}
}

// Law: an edit stands in for what the file has, wherever the file is named: as a mapping, by
// another, among the tests, and among the shipped ones. A file without one is read.
func TestEditsStandInForFiles(t *testing.T) {
	dir := filepath.ToSlash(write(t, map[string]string{"m/a.yaml": strings.Replace(finding, "../shared/all.yaml", "in.yaml", 1), "m/in.yaml": "let: {severity: 1}\n", "m/a_test.yaml": "[]\n"}))
	const shipped = "wazuh/security_finding.yaml"
	edits := map[string][]byte{dir + "/m/a.yaml": []byte(strings.Replace(finding, "../shared/all.yaml", "in.yaml", 1) + "# a\n"), dir + "/m/in.yaml": []byte("let: {severity: 2}\n"), dir + "/m/a_test.yaml": []byte("# t\n"), shipped: []byte("# s\n")}
	for _, named := range []string{dir + "/m", dir + "/m/a.yaml", dir + "/m/../m/./a.yaml"} {
		l := &mapping.Loader{Edits: edits}
		files, err := l.Load([]string{named})
		if err != nil || len(files) != 1 || !strings.HasSuffix(string(files[0].Text), "# a\n") || string(files[0].Includes[dir+"/m/in.yaml"].Text) != "let: {severity: 2}\n" {
			t.Errorf("%s: %v %v", named, files, err)
		}
		if text, err := l.Tests(dir + "/m/a_test.yaml"); err != nil || string(text) != "# t\n" {
			t.Errorf("%s: %q %v", named, text, err)
		}
	}
	for _, edited := range []bool{false, true} {
		l := new(mapping.Loader)
		if edited {
			l.Edits = edits
		}
		files, err := l.Load([]string{"wazuh/security_finding"})
		if err != nil || (string(files[0].Text) == "# s\n") != edited || files[0].Sound == edited {
			t.Errorf("edited %v: %v %v", edited, files[0].Name, err)
		}
	}
	edits[dir+"/m/a.yaml"] = make([]byte, 1<<20+1)
	if _, err := (&mapping.Loader{Edits: edits}).Load([]string{dir + "/m"}); err == nil || !strings.Contains(err.Error(), "the limit is 1048576") {
		t.Error(err)
	}
	delete(edits, dir+"/m/a.yaml")
	if files, err := (&mapping.Loader{Edits: edits}).Load([]string{dir + "/m"}); err != nil || strings.HasSuffix(string(files[0].Text), "# a\n") {
		t.Error(err)
	}
}
