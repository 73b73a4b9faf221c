package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata/small_gen.go.txt; review the difference")

const golden = "testdata/small_gen.go.txt"

// later is a second version of the small facts: a type with other facts, an
// attribute more, an object and a class more, another profile list, a constraint
// that names no attribute.
func later(t *testing.T) string {
	t.Helper()
	text := string(small(t))
	for _, c := range []struct{ old, new string }{
		{`"0.9.0-x"`, `"0.10.0"`},
		{`"observable": 3`, `"observable": 4`},
		{`"objects": {`, `"objects": {
 "leaf": {"caption": "Leaf", "extends": [], "profiles": [], "attributes": {
  "tag": {"type": "tag_t", "requirement": "optional", "caption": "Tag"}}},`},
		{`"just_one": ["node", "nodes"]`, `"just_one": ["node", "leaf.tag", "nodes"]`},
		{`"second": {`, `"third": {"caption": "Third", "extends": ["base"], "profiles": [], "class_uid": 2002, "uid": 2,
  "category": "findings", "category_uid": 2, "category_caption": "Findings",
  "attributes": {"leaf": {"type": "leaf", "requirement": "required", "caption": "Leaf"}}},
 "second": {`},
	} {
		if strings.Count(text, c.old) != 1 {
			t.Fatalf("%s does not come once", c.old)
		}
		text = strings.Replace(text, c.old, c.new, 1)
	}
	return text
}

func small(t *testing.T) []byte {
	t.Helper()
	facts, err := os.ReadFile("testdata/small.json")
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// Law: equal facts give equal bytes, and those of the golden file, in which the
// versions share what is equal.
func TestGenerateSmall(t *testing.T) {
	folder := t.TempDir()
	out, second := filepath.Join(folder, "out.go"), filepath.Join(folder, "later.json")
	if err := os.WriteFile(second, []byte(later(t)), 0o644); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	if err := run([]string{"-in", "testdata/small.json", "-in", second, "-out", out}, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	if want := "gen: OCSF 0.10.0: class second: dropped leaf.tag from a constraint: not an attribute of it\n"; stderr.String() != want {
		t.Errorf("stderr %q, want %q", stderr.String(), want)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("generated file differs (-want +got); -update rewrites the golden file:\n%s", diff)
	}
	for range 20 {
		again, _, err := generate([]input{{"small", small(t)}, {"later", []byte(later(t))}})
		if err != nil || !bytes.Equal(again, want) {
			t.Fatalf("a second run over the same facts gives other bytes (error %v)", err)
		}
	}
}

func TestCommandLine(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.go")
	for _, args := range [][]string{{}, {"-in", "testdata/small.json"}, {"-out", out}, {"-in", "a", "-out", out, "more"}} {
		var stderr bytes.Buffer
		if err := run(args, &stderr); err != errUsage {
			t.Errorf("%q: error %v, want the usage error", args, err)
		}
		if !strings.Contains(stderr.String(), "-in FACTS.json") {
			t.Errorf("%q: stderr does not say what to give: %s", args, stderr.String())
		}
	}
	err := run([]string{"-in", "testdata/absent.json", "-out", out}, new(bytes.Buffer))
	if err == nil || !strings.Contains(err.Error(), "absent.json") {
		t.Errorf("missing file: error %v does not name it", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a failed run has written its output")
	}
}

// Each fault is one change of the small facts file.
func TestFaults(t *testing.T) {
	facts := small(t)
	for _, c := range []struct{ name, old, new, want string }{
		{"malformed", `"format": 1,`, `"format": 1`, "not a facts file"},
		{"second value", "}}\n}\n}\n", "}}\n}\n}\n{}", "more than one JSON value"},
		{"format", `"format": 1`, `"format": 2`, "format is 2"},
		{"version", `"0.9.0-x"`, `""`, `"version" is missing`},
		{"version twice", `"0.9.0-x"`, `"0.10.0"`, "version 0.10.0 comes twice"},
		{"classes", `"classes": {`, `"rules": {`, `"classes" is missing`},
		{"unknown key", `"uid": 1,`, `"uid": 1, "novel": 1,`, `unknown field "novel"`},
		{"type reference", `"type": "server_port_t"`, `"type": "server_prt_t"`, `class first: attribute port: its type "server_prt_t"`},
		{"base type", `"type": "port_t"`, `"type": "prt_t"`, `type server_port_t: its base type "prt_t"`},
		{"cycle", `"type": "integer_t", "range"`, `"type": "server_port_t", "range"`, "cycle"},
		{"primitive", `"long_t": {"caption": "Long"}`, `"wide_t": {"caption": "W"}, "long_t": {"caption": "Long"}`, `"wide_t"`},
		{"range", `[0, 65535]`, `[1, 0]`, "[lowest, highest]"},
		{"pattern", "a`b", `(?=a)b`, "type tag_t: its regular expression"},
		{"requirement", `"requirement": "recommended"`, `"requirement": "must"`, `object node: attribute name: its requirement "must"`},
		{"profile", `"profiles": ["datetime"]}`, `"profiles": ["date"]}`, `profile "date"`},
		{"enum", `"10": "Ten"`, `"ten": "Ten"`, `enum value "ten"`},
		{"observable class", `"extends": ["base"], "profiles": ["host"]`, `"observable": 9, "extends": ["base"], "profiles": ["host"]`, "class second is observable 9"},
		{"class number", `"class_uid": 2001`, `"class_uid": 1001`, "same class_uid 1001"},
		{"name twice", `"node": {"caption"`, `"tag_t": {"caption"`, "both a type and an object"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(string(facts), c.old, c.new, 1)
			if changed == string(facts) {
				t.Fatal("the change does not apply")
			}
			_, _, err := generate([]input{{"good.json", []byte(later(t))}, {"bad.json", []byte(changed)}})
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "bad.json: ") {
				t.Errorf("error %v, want one of bad.json with %q", err, c.want)
			}
		})
	}
}
