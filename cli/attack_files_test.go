//go:build unix

package cli_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Attackers: B. A mapping or its test that names devices, pipes or other people's
// files ends at once, and nothing of those is said.
func TestAttackFiles(t *testing.T) {
	t.Parallel()
	slow(t)
	dir := t.TempDir()
	const secret = "root:hunter2:19000:0\nlet: hunter2\npassword: hunter2\n"
	head := "mapping: m\nschema: 1.1.0\nclass: base_event\nevent: {activity_id: 0, severity_id: 1, time: =timestamp, metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}}\n"
	good := "- {name: a, alert: {id: '1'}, expect: {event: {severity_id: 1}}}\n"
	if err := os.Mkdir(filepath.Join(dir, "pack"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pack/pipe", "pipe.yaml"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("secret", secret)
	write("alerts.json", "{\"id\":\"1\"}\n")
	for _, named := range []string{"/dev/zero", "/dev/stdin", "pipe", "../secret", filepath.Join(dir, "secret"), "/proc/self/environ", "."} {
		for what, texts := range map[string][2]string{
			"include": {head + "include: " + named + "\n", good},
			"extends": {head + "extends: " + named + "\n", good},
			"table":   {head + "tables: {t: {file: " + named + ", key: a}}\n", good},
			"module":  {head + "functions: {f: {wasm: " + named + ", args: 1}}\n", good},
			"alerts":  {head, "- {name: a, alert_file: " + named + ", expect: {event: {severity_id: 1}}}\n"},
		} {
			t.Run(what+" "+named, func(t *testing.T) {
				write("pack/m.yaml", texts[0])
				write("pack/m_test.yaml", texts[1])
				for _, args := range [][]string{
					{"check", "pack/m.yaml"}, {"test", filepath.Join(dir, "pack")}, {"check", "--allow-outside", "pack/m.yaml"}, {"test", "--allow-outside", "pack"},
					{"run", "-m", "pack/m.yaml", "-o", "lake", "alerts.json"}, {"explain", "-m", "pack/m.yaml", `{"id":"1"}`},
				} {
					if r := (attack{dir: dir}).run(t, args...); strings.Contains(r.stdout+r.stderr, "hunter2") {
						t.Errorf("%q shows %s%s", args, r.stdout, r.stderr)
					}
				}
			})
		}
	}
	write("pack/m.yaml", head)
	for _, name := range []string{"pack/m_test.yaml", "pack/other.yaml"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"test", "pack"}, {"check", "pack"}, {"run", "-m", "pack", "-o", "lake", "alerts.json"}, {"check", "pipe.yaml"}} {
			(attack{dir: dir}).run(t, args...)
		}
	}
}

// Attackers: L. Somebody who may write in an input or an output folder has no other file read,
// written or removed, and reads no rejects.
func TestAttackLinks(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"in/a.json": "{\"id\":\"1\"}\nno alert\n", "secret": "hunter2\n", "precious/run-1/file": "x", "precious/run-1.lock": ""} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(at(name)), 0o755), os.WriteFile(at(name), []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	for to, from := range map[string]string{"in/link.json": at("secret"), "in/far": dir, "lake/.sluice-tmp": at("precious"), "lake/rejects/.sluice-tmp": at("precious")} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(at(to)), 0o755), os.Symlink(from, at(to))); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		code int
		args []string
	}{
		{1, []string{"run", "-o", "lake", "in"}}, {1, []string{"run", "-o", "lake", "in/*"}},
		{3, []string{"run", "-o", "clean", "--ocsf-json", "json", "in"}}, {0, []string{"profile", "in"}},
	} {
		r := attack{dir: dir}.run(t, c.args...)
		if r.code != c.code || strings.Contains(r.stdout+r.stderr, "hunter2") || !strings.Contains(r.stderr, "left out 2 links") {
			t.Errorf("%q: exit %d: %s", c.args, r.code, r.stderr)
		}
	}
	if _, err := os.Stat(at("precious/run-1/file")); err != nil {
		t.Error(err)
	}
	files := 0
	err := filepath.WalkDir(at("clean"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		info, err := d.Info()
		most := fs.FileMode(0o640)
		if strings.Contains(name, "rejects") {
			most = 0o600
		}
		if err == nil && info.Mode().Perm()&^most != 0 {
			t.Errorf("%s has mode %#o", name, info.Mode().Perm())
		}
		if text, _ := os.ReadFile(name); strings.Contains(string(text), "hunter2") {
			t.Errorf("%s has the secret", name)
		}
		return err
	})
	if err != nil || files < 1 {
		t.Errorf("%d files (%v)", files, err)
	}
}
