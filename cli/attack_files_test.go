//go:build unix

package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Attackers: B. A mapping or its test that names devices, pipes or other people's
// files ends at once, and nothing of those is said.
func TestAttackFiles(t *testing.T) {
	slow(t)
	dir := t.TempDir()
	const secret = "root:hunter2:19000:0\nlet: hunter2\npassword: hunter2\n"
	head := "mapping: m\nschema: 1.1.0\nclass: base_event\nevent: {severity_id: 1, time: =timestamp, metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}}\n"
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
