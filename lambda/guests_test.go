package lambda_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

// scored is the shipped mapping with a guest's function.
func scored(t testing.TB) []byte {
	t.Helper()
	text := strings.Replace(shipped(t), "\nevent:", "\nfunctions:\n  risk: {wasm: risk.wasm, args: 2}\n\nevent:\n  impact_score: =risk(agent.ip, rule.level)", 1)
	if !strings.Contains(text, "risk.wasm") {
		t.Fatal("the shipped mapping has no event")
	}
	return []byte(text)
}

func risk(t testing.TB, lang string) []byte {
	t.Helper()
	code, err := guest.Files.ReadFile("examples/risk/risk_" + lang + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// A package with a mapping of its own, its module and that compiled: all of it
// is only read. A cache that cannot be used is told of, and costs only time.
func TestGuestsOfThePackage(t *testing.T) {
	server := s3test.New(t, "raw", "lake")
	server.Put("raw", "k.txt", many(50))
	root := t.TempDir()
	own, cache := filepath.Join(root, "mappings", "own"), filepath.Join(root, "wasm-cache")
	for name, body := range map[string][]byte{"m.yaml": scored(t), "risk.wasm": risk(t, "c")} {
		if err := os.MkdirAll(own, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(own, name), body, 0o444); err != nil {
			t.Fatal(err)
		}
	}
	fill := exec.Command(bootstrap, "fill-cache", filepath.Join("mappings", "own"), "wasm-cache")
	fill.Dir = root
	if said, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	filled := entriesOf(t, cache)
	if len(filled) != 1 {
		t.Fatalf("the cache holds %v", filled)
	}
	const slow = "had to be compiled"
	for _, broken := range []bool{false, true} {
		if broken { // a file where the cache has a folder
			top := filepath.Dir(filled[0])
			if err := os.RemoveAll(top); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(top, nil, 0o444); err != nil {
				t.Fatal(err)
			}
		}
		fn := start(t, guide(server.URL, "LAMBDA_TASK_ROOT="+root, "SLUICE_MAPPING=own")...)
		if s := fn.must(s3Event("raw", "k.txt")); s.Events != 49 || s.Rejects != 1 {
			t.Errorf("cache broken %v: %+v", broken, s)
		}
		if log, _ := fn.said(); strings.Contains(log, slow) != broken {
			t.Errorf("cache broken %v: the log is\n%s", broken, log)
		}
		if now := entriesOf(t, cache); !broken && len(now) != 1 {
			t.Errorf("the cache was written to: %v", now)
		}
	}
}

func entriesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A module in the bucket counts as part of the mapping: one that is missing or
// broken is told of and stops nothing that worked, and a new one takes effect.
func TestAGuestInTheBucket(t *testing.T) {
	server := s3test.New(t, "raw", "lake", "rules")
	server.Put("raw", "k.txt", many(50))
	server.Put("rules", "m/one.yaml", scored(t))
	event := sqsEvent("", s3Event("raw", "k.txt"))
	fn := start(t, guide(server.URL, "SLUICE_MAPPING=s3://rules/m/", "SLUICE_MAPPING_RELOAD=0")...)
	if s := fn.must(event); s.failures() != "m0" {
		t.Errorf("without the module %q come again", s.failures())
	}
	for _, module := range []struct {
		body   []byte
		broken bool
	}{{risk(t, "c"), false}, {risk(t, "c"), false}, {[]byte("no module"), true}, {risk(t, "rs"), false}} {
		server.Put("rules", "m/risk.wasm", module.body)
		if s := fn.must(event); s.failures() != "" || s.Events != 49 || s.Rejects != 1 {
			t.Errorf("broken %v: %+v", module.broken, s)
		}
	}
	log, metrics := fn.said()
	if !strings.Contains(log, "it is not a WebAssembly module") || strings.Count(metrics, `"MappingFailures":1`) != 2 {
		t.Errorf("the broken module is not told of:\n%s\n%s", log, metrics)
	}
}
