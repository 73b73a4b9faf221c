package mapping_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/enginetest"
	"github.com/sluice-lake/sluice/mappings"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// Law: all of a shipped mapping is without faults, also what no rule uses, and it means the same
// whether that is looked at or not.
func TestShippedMappingsAreSound(t *testing.T) {
	samples := enginetest.Samples(t)
	for _, name := range mapping.Shipped() {
		files, err := mapping.Load([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		quick, err := engine.Compile(files, engine.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for i := range files {
			if !files[i].Sound {
				t.Errorf("%s is not known to be sound", files[i].Name)
			}
			files[i].Sound = false
		}
		whole, err := engine.Compile(files, engine.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		a, b := whole.NewWorker(), quick.NewWorker()
		for _, line := range samples {
			if want, got := outcome(a.Apply(line)), outcome(b.Apply(line)); got != want {
				t.Errorf("%s makes of %.60s\n%s\nand, looked at as a whole,\n%s", name, line, got, want)
			}
		}
		a.Close()
		b.Close()
	}
}

// outcome is what became of an alert, as text.
func outcome(r engine.Result) string {
	text := fmt.Sprintln(r.Outcome, r.Where, r.Reason)
	for _, e := range r.Events {
		text += fmt.Sprintln(e.Mapping, string(e.Event.AppendJSON(nil)))
	}
	return text
}

// Law: a copy of a shipped mapping is as sound as that, until one of its files is changed.
func TestChangedMappingsAreNotSound(t *testing.T) {
	const name = "wazuh/security_finding"
	root := t.TempDir()
	if err := os.CopyFS(root, mappings.FS); err != nil {
		t.Fatal(err)
	}
	sound := func() bool {
		files, err := mapping.Under(root, name)
		if err != nil {
			t.Fatal(err)
		}
		return files[0].Sound
	}
	if !sound() {
		t.Error("a copy is not known to be sound")
	}
	files, err := mapping.Under(root, name)
	if err != nil {
		t.Fatal(err)
	}
	for included := range files[0].Includes {
		file := filepath.Join(root, filepath.FromSlash(included))
		text, err := fs.ReadFile(mappings.FS, included)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			text  string
			sound bool
		}{{strings.Replace(string(text), "\n", " \n", 1), false}, {string(text), true}} {
			if err := os.Chmod(file, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := sound(); got != c.sound {
				t.Errorf("with another %s: sound is %v", included, got)
			}
		}
	}
}
