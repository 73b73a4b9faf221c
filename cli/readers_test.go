//go:build integration

package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// Law: the lake of the samples of every class has the events that were made, whole,
// for readers of Parquet that share no code with what wrote it, nor with each other.
//
// They are programs of others, and need Python 3 and, once, a network. Where that is not
// to be had the test says so; READERS=require makes that a failure.
func TestIntegrationReaders(t *testing.T) {
	python := readers(t)
	lake := t.TempDir()
	samples := []string{"../testdata/wazuh4", "../testdata/wazuh5"}
	if _, messages, code := sluice(t, "", append([]string{"run", "-q", "--merge", "--class", "by_class", "-o", lake}, samples...)...); code != 0 {
		t.Fatal(messages)
	}
	out, messages, code := sluice(t, "", append([]string{"run", "-q", "--class", "by_class", "-o", "-", "--rejects", t.TempDir()}, samples...)...)
	if code != 0 {
		t.Fatal(messages)
	}
	events, classes := map[string]any{}, map[string]bool{}
	for line := range strings.Lines(out) {
		event := decodeObject(t, line)
		events[idOf(event)] = event
		classes[fmt.Sprint(event["class_uid"])] = true
	}
	if len(events) < 350 || len(classes) < 8 {
		t.Fatalf("only %d events of %d classes", len(events), len(classes))
	}

	seen := map[string]map[string]bool{}
	for line := range bytes.Lines(read(t, python, objects(t, lake))) {
		row := decodeObject(t, string(line))
		reader, got := row["reader"].(string), row["row"].(map[string]any)
		if seen[reader] == nil {
			seen[reader] = map[string]bool{}
		}
		seen[reader][idOf(got)] = true
		if where := unlike(events[idOf(got)], got); where != "" {
			t.Errorf("%s: %s: %s", reader, idOf(got), where)
		}
	}
	if len(seen) != 3 {
		t.Errorf("%d readers read something, want 3", len(seen))
	}
	for reader, ids := range seen {
		if len(ids) != len(events) {
			t.Errorf("%s reads %d events, want %d", reader, len(ids), len(events))
		}
	}
}

// readers installs the readers, in the versions of their list, into the user's cache, and
// returns the Python that has them.
func readers(t *testing.T) string {
	t.Helper()
	list := "testdata/readers/requirements.txt"
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	without := func(format string, a ...any) {
		t.Helper()
		if os.Getenv("READERS") == "require" {
			t.Fatalf(format, a...)
		}
		t.Skipf("the lake was read by no other reader: "+format, a...)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		without("%v", err)
	}
	folder := filepath.Join(cache, "sluice", fmt.Sprintf("readers-%x", sha256.Sum256(text))[:20])
	python := filepath.Join(folder, "bin", "python")
	if _, err := os.Stat(filepath.Join(folder, "complete")); err == nil {
		return python
	}
	for _, command := range [][]string{
		{"python3", "-m", "venv", "--clear", folder},
		{python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", "--no-deps", "-r", list},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			without("%s: %v: %.300s", strings.Join(command, " "), err, out)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "complete"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	return python
}

// read is what the readers find in files, a row on each line.
func read(t *testing.T, python string, files []string) []byte {
	t.Helper()
	command := exec.Command(python, append([]string{"testdata/readers/read.py"}, files...)...)
	var messages bytes.Buffer
	command.Stderr = &messages
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, messages.String())
	}
	return out
}

// objects are the Parquet files of a lake.
func objects(t *testing.T, lake string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(lake, func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".parquet") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func decodeObject(t *testing.T, text string) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return o
}

// idOf identifies an event of the samples.
func idOf(event map[string]any) string {
	metadata, _ := event["metadata"].(map[string]any)
	return fmt.Sprintf("%v %v", event["class_uid"], metadata["uid"])
}

// unlike says where two values differ, "" if nowhere. A column of JSON is text for a
// reader, and nothing is written of what is empty.
func unlike(want, got any) string {
	if text, ok := got.(string); ok && !reflect.DeepEqual(want, got) {
		var v any
		if json.Unmarshal([]byte(text), &v) == nil && reflect.DeepEqual(want, v) {
			return ""
		}
	}
	switch want := want.(type) {
	case map[string]any:
		got, _ := got.(map[string]any)
		for name := range got {
			if _, ok := want[name]; !ok {
				return fmt.Sprintf(".%s is %v, want nothing", name, got[name])
			}
		}
		for name, v := range want {
			if where := unlike(v, got[name]); where != "" {
				return "." + name + where
			}
		}
		return ""
	case []any:
		got, _ := got.([]any)
		if len(want) != len(got) {
			return fmt.Sprintf(" has %d items, want %d", len(got), len(want))
		}
		for i := range want {
			if where := unlike(want[i], got[i]); where != "" {
				return fmt.Sprintf("[%d]%s", i, where)
			}
		}
		return ""
	}
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return fmt.Sprintf(" is %v, want %v", got, want)
}
