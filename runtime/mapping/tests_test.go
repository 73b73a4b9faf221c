package mapping_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: a mapping, its test file and a folder around them name the same suite, and
// whatever is named twice is there once.
func TestSuites(t *testing.T) {
	dir := write(t, map[string]string{
		"a.yaml":           strings.Replace(finding, "NAME", "a", 1),
		"a_test.yaml":      "tests\n",
		"a_test.yml":       "more\n",
		"b.yml":            strings.Replace(finding, "NAME", "b", 1),
		"c_test.yaml":      "tests\n",
		"c.yaml":           "let: {x: 1}\n",
		".hidden_test.yml": "not read",
		"up/D.YAML":        strings.Replace(finding, "NAME", "d", 1),
		"up/D_test.YAML":   "tests\n",
		"up/E.YML":         strings.Replace(finding, "NAME", "e", 1),
		"up/E_test.yaml":   "tests\n",
	})
	t.Chdir(dir)
	for args, want := range map[string]string{
		"a.yaml":                          "a.yaml(a_test.yaml a_test.yml)",
		"a_test.yml":                      "a.yaml(a_test.yml)",
		"a_test.yaml a.yaml ./a_test.yml": "a.yaml(a_test.yaml a_test.yml)",
		".":                               "a.yaml(a_test.yaml a_test.yml) b.yml() up/D.YAML(up/D_test.YAML) up/E.YML(up/E_test.yaml)",
		"./... b.yml":                     "a.yaml(a_test.yaml a_test.yml) b.yml() up/D.YAML(up/D_test.YAML) up/E.YML(up/E_test.yaml)",
		"up":                              "up/D.YAML(up/D_test.YAML) up/E.YML(up/E_test.yaml)",
		"up/D.YAML":                       "up/D.YAML(up/D_test.YAML)",
		"up/D_test.YAML":                  "up/D.YAML(up/D_test.YAML)",
		dir:                               filepath.ToSlash(dir) + "/a.yaml(" + filepath.ToSlash(dir) + "/a_test.yaml " + filepath.ToSlash(dir) + "/a_test.yml) " + filepath.ToSlash(dir) + "/b.yml() " + filepath.ToSlash(dir) + "/up/D.YAML(" + filepath.ToSlash(dir) + "/up/D_test.YAML) " + filepath.ToSlash(dir) + "/up/E.YML(" + filepath.ToSlash(dir) + "/up/E_test.yaml)",
	} {
		found, err := new(mapping.Loader).Suites(strings.Fields(args))
		var got []string
		for _, s := range found {
			var tests []string
			for _, f := range s.Tests {
				tests = append(tests, f.Name)
			}
			got = append(got, s.Name+"("+strings.Join(tests, " ")+")")
		}
		if text := strings.Join(got, " "); text != want || err != nil {
			t.Errorf("%s: %s, %v\nwant %s", args, text, err, want)
		}
	}
	for args, says := range map[string]string{
		"b.yml": "has no test", "none": "no such file or folder", "none_test.yaml": "no such file", "b.yml c_test.yaml": "has no test",
	} {
		if found, err := new(mapping.Loader).Suites(strings.Fields(args)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, %v", args, found, err)
		}
	}
}
