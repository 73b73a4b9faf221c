package mapping_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

const finding = `mapping: NAME
schema: 1.1.0
class: detection_finding
include: ../shared/all.yaml
event:
  activity_id: 1
  severity_id: =severity
  time: =timestamp
  finding_info: {uid: =id, title: t}
  metadata: {product: {name: Wazuh, vendor_name: v}}
`

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Law: a folder is its mappings: fragments that they include and tests are left
// out, and what is included comes from beside the file that says it.
func TestFolderWithFragments(t *testing.T) {
	dir := write(t, map[string]string{
		"packs/a.yaml":           strings.Replace(finding, "NAME", "a", 1),
		"packs/a_test.yaml":      "tests: []\n",
		"packs/b.yml":            strings.Replace(finding, "NAME", "b", 1),
		"packs/.c.yaml":          "not read",
		"shared/all.yaml":        "include: [more/ranks.yaml]\nlet: {severity: \"=tables.ranks[rule.id]\"}\n",
		"shared/more/ranks.yaml": "tables: {ranks: {a: 1}}\n",
	})
	files, err := mapping.Load([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimPrefix(f.Name, filepath.ToSlash(dir)))
	}
	if want := []string{"/packs/a.yaml", "/packs/b.yml"}; !slices.Equal(names, want) {
		t.Errorf("read %q, want %q", names, want)
	}
	if _, err := engine.Compile(files, engine.Options{}); err != nil {
		t.Error(err)
	}
	if n := len(files[0].Includes); n != 2 {
		t.Errorf("%d files included, want 2", n)
	}
}

// Law: what lies in hidden folders is not part of a folder: copies that an editor keeps, and
// the files of a volume of Kubernetes, which are in the folder as links.
func TestHiddenFolders(t *testing.T) {
	text := strings.Replace(strings.Replace(finding, "NAME", "a", 1), "include: ../shared/all.yaml\n", "let: {severity: =rule.level}\n", 1)
	dir := write(t, map[string]string{
		"packs/..2026_11_27/a.yaml":         text,
		"packs/..2026_11_27/a_test.yaml":    "- name: n\n  alert: {}\n  expect: {reject: time}\n",
		"packs/.history/a_2026.yaml":        text,
		"packs/.history/deep/a_test.yaml":   "broken: [",
		"packs/more/.git/b.yaml":            "broken: [",
		".hidden/packs/c.yaml":              strings.Replace(text, "mapping: a", "mapping: c", 1),
		".hidden/packs/.history/c_old.yaml": text,
	})
	for from, to := range map[string]string{"..data": "..2026_11_27", "a.yaml": "..data/a.yaml", "a_test.yaml": "..data/a_test.yaml"} {
		if err := os.Symlink(to, filepath.Join(dir, "packs", from)); err != nil {
			t.Fatal(err)
		}
	}
	for folder, want := range map[string]string{"packs": "a.yaml", ".hidden/packs": "c.yaml"} {
		at := filepath.Join(dir, filepath.FromSlash(folder))
		loaded, err := mapping.Load([]string{at})
		under, underErr := mapping.Under(filepath.Dir(at), filepath.Base(at))
		if err != nil || underErr != nil {
			t.Fatal(err, underErr)
		}
		for _, files := range [][]engine.File{loaded, under} {
			if len(files) != 1 || !strings.HasSuffix(files[0].Name, "packs/"+want) {
				t.Errorf("%s has %d mappings, such as %s", folder, len(files), files[0].Name)
			}
		}
	}
	suites, err := new(mapping.Loader).Suites([]string{filepath.Join(dir, "packs")})
	if err != nil || len(suites) != 1 || len(suites[0].Tests) != 1 {
		t.Errorf("the tests are %+v, %v", suites, err)
	}
	for name, want := range map[string]bool{"a.yaml": true, "more/a.yaml": true, ".a.yaml": false, ".git/a.yaml": false, "more/.git/a.yaml": false, "more/..a/a.yaml": false, "a.b/c.yml": true, "a_test.yaml": false} {
		if mapping.InFolder(name) != want {
			t.Errorf("InFolder(%s) is not %t", name, want)
		}
	}
}

// A fragment that nothing includes is not passed over in silence.
func TestStrayFragment(t *testing.T) {
	dir := write(t, map[string]string{"a.yaml": "let: {a: 1}\n"})
	files, err := mapping.Load([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = engine.Compile(files, engine.Options{})
	if err == nil || !strings.Contains(err.Error(), "a.yaml:1:1: this file is a fragment") {
		t.Errorf("got %v", err)
	}
}

// A file that is named twice, also in two spellings, is read once.
func TestNamedTwice(t *testing.T) {
	dir := write(t, map[string]string{"a.yaml": "mapping: a\n"})
	files, err := mapping.Load([]string{dir, filepath.Join(dir, "a.yaml"), dir + "/./a.yaml"})
	if err != nil || len(files) != 1 {
		t.Errorf("%d files (%v)", len(files), err)
	}
}

// Whatever is wrong with several names is said of all of them.
func TestErrorsTogether(t *testing.T) {
	_, err := mapping.Load([]string{"wazuh/security_fining", t.TempDir()})
	for _, want := range []string{"did you mean `wazuh/security_finding`?", "has no mapping"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

// Law: an address is resolved as an address, and what cannot be read is known
// by its error; however many files there are, reading ends.
func TestIncludesOfAnAddress(t *testing.T) {
	texts := map[string]string{
		"s3://bucket/maps/a.yaml":   "include: [../shared/b.yaml, /root.yaml, s3://other/c.yaml]\n",
		"s3://bucket/shared/b.yaml": "include: d.yaml\n", "s3://bucket/shared/d.yaml": "let: {}\n", "/root.yaml": "let: {}\n",
	}
	files, err := mapping.Read([]string{"s3://bucket/maps/a.yaml"}, func(name string, _ int) ([]byte, error) {
		if text, ok := texts[name]; ok {
			return []byte(text), nil
		}
		return nil, os.ErrPermission
	})
	if err != nil || len(files[0].Includes) != 4 {
		t.Fatalf("%v (%v)", files, err)
	}
	for name, included := range files[0].Includes {
		if got := string(included.Text); got != texts[name] || (included.Err != nil) != (name == "s3://other/c.yaml") {
			t.Errorf("%s is %q (%v)", name, got, included.Err)
		}
	}
	n := 0
	files, err = mapping.Read([]string{"a.yaml"}, func(string, int) ([]byte, error) {
		n++
		return fmt.Appendf(nil, "include: %d.yaml\n", n), nil
	})
	if err != nil || n != 257 || files[0].Includes["257.yaml"].Err == nil {
		t.Errorf("%d files read (%v)", n, err)
	}
}

// The files of tables are read with the mappings that name them, each once, from
// beside the file that says so; what is outside is not read.
func TestTablesOfAFolder(t *testing.T) {
	dir := write(t, map[string]string{
		"packs/a.yaml":         strings.Replace(finding, "NAME", "a", 1) + "tables: {own: {file: sub/own.json}, far: {file: ../shared/assets.csv, key: ip}}\n",
		"packs/b.yaml":         strings.Replace(finding, "NAME", "b", 1),
		"packs/sub/own.json":   "{}",
		"shared/all.yaml":      "tables: {assets: {file: assets.csv, key: ip}}\nlet: {severity: 1}\n",
		"shared/assets.csv":    "ip,owner\n192.0.2.7,ana\n",
		"packs/sub/alerts.csv": "not,read\n",
	})
	t.Chdir(dir) // what is shared lies beside the folder
	files, err := mapping.Load([]string{"packs"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for name, included := range files[0].Includes {
		names = append(names, strings.TrimPrefix(name, filepath.ToSlash(dir)+"/"))
		if included.Err != nil {
			t.Errorf("%s: %v", name, included.Err)
		}
	}
	slices.Sort(names)
	if want := []string{"packs/sub/own.json", "shared/all.yaml", "shared/assets.csv"}; !slices.Equal(names, want) {
		t.Errorf("read %q, want %q", names, want)
	}
	const shared = "shared/assets.csv"
	if a, b := files[0].Includes[shared].Text, files[1].Includes[shared].Text; len(a) == 0 || &a[0] != &b[0] {
		t.Error("two mappings read the file of a table twice")
	}
	_, err = engine.Compile(files, engine.Options{})
	if err == nil || !strings.Contains(err.Error(), "the file of a table must be in the folder of") || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "shared/assets.csv"), append([]byte("ip\n"), make([]byte, 8<<20)...), 0o644); err != nil {
		t.Fatal(err)
	}
	if files, err = mapping.Load([]string{"packs/b.yaml"}); err != nil {
		t.Fatal(err)
	}
	_, err = engine.Compile(files, engine.Options{})
	if err == nil || !strings.Contains(err.Error(), "all.yaml:1:25: ") || !strings.Contains(err.Error(), "it has 8388611 bytes, the limit is 8388608: leave out rows") {
		t.Errorf("a large table: %v", err)
	}
}
