package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sluice-lake/sluice/cli/studio"
)

// Law: a file is saved as it was sent, in one step, and only over the text that the edit began
// with; no other file is ever written.
func TestStudioSaves(t *testing.T) {
	dir, file, text := ownMapping(t)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	before := treeOf(dir)
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	first := p.try(nil)
	if i := slices.IndexFunc(first.Files, func(f pageFile) bool { return f.Name == file }); i < 0 {
		t.Fatal(first.Files)
	} else if digest := first.Files[i].Digest; digest == "" {
		t.Fatal("it has no digest")
	} else {
		p.saves(file, text, digest)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it has the mode %v (%v)", info.Mode(), err)
	}
	if after := treeOf(dir); len(after) != len(before) {
		t.Errorf("there are files more or less: %v", after)
	}
	if now := p.try(map[string]string{file: text + "# 3\n"}); now.Outcomes.Diff != nil {
		t.Error("a saved edit differs from the disk")
	}
}

func (p *page) saves(file, text, digest string) {
	t := p.t
	t.Helper()
	save := func(name, text, digest string) (int, string) {
		status, body := p.status("save", map[string]string{"name": name, "text": text, "digest": digest})
		return status, string(body)
	}
	read := func() string {
		now, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(now)
	}
	var saved struct{ Digest, Text string }
	status, body := save(file, text+"# 1\r\n", digest)
	if err := json.Unmarshal([]byte(body), &saved); err != nil || status != 200 || read() != text+"# 1\r\n" || saved.Text != read() {
		t.Fatalf("%d %s", status, body)
	}
	if status, body := save(file, text+"# 2\n", digest); status != 409 || read() != text+"# 1\r\n" || !strings.Contains(body, saved.Digest) {
		t.Errorf("an edit of an older text: %d %s", status, body)
	}
	writeAs(t, file, text+"# by somebody else\n")
	if status, body := save(file, text+"# 2\n", saved.Digest); status != 409 || read() != text+"# by somebody else\n" || !strings.Contains(body, `# by somebody else\n`) {
		t.Errorf("an edit of a text that somebody changed: %d %s", status, body)
	}
	for _, name := range []string{"", "findings.yaml", file + "/", "./" + file, file + ".new", filepath.Dir(file) + "/../my/findings.yaml", filepath.Dir(file) + "/alerts.ndjson", "/etc/passwd", "../x.yaml", filepath.Dir(file) + "/mapping.schema.json"} {
		if status, body := save(name, "x", digest); status != 409 {
			t.Errorf("%q: %d %s", name, status, body)
		}
	}
	var now struct{ File struct{ Digest string } }
	_, body = save(file, "", "")
	if err := json.Unmarshal([]byte(body), &now); err != nil {
		t.Fatal(err)
	}
	if status, _ := save(file, strings.Repeat("#", 1<<20+1), now.File.Digest); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a text over the limit: %d", status)
	}
	if status, body := save(file, text+"# 3\n", now.File.Digest); status != 200 || read() != text+"# 3\n" {
		t.Errorf("%d %s", status, body)
	}
}

// What a mapping names and is not there can be written in the page: files to include, tables,
// and tests. A save makes it, unless somebody else has meanwhile.
func TestStudioMakesWhatAMappingNames(t *testing.T) {
	dir, file, text := ownMapping(t)
	outside := t.TempDir()
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "link")), os.Remove(filepath.Join(dir, "findings_test.yaml"))); err != nil {
		t.Fatal(err)
	}
	text = "include: [parts/names.yaml, link/names.yaml, ../above.yaml, notes.txt]\n" + strings.Replace(text, "\nevent:\n", "\nevent:\n  status_detail: =owner_of(agent.ip)\n", 1)
	writeAs(t, file, text)
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	missing := func(now pageTrial) (names []string) {
		for _, f := range now.Files {
			if f.Missing {
				names = append(names, strings.TrimPrefix(f.Name, filepath.ToSlash(dir)+"/")+" "+f.Kind)
			}
		}
		return names
	}
	now := p.try(nil)
	if got := missing(now); !slices.Equal(got, []string{"findings_test.yaml tests", "parts/names.yaml included"}) || now.Compiled {
		t.Fatalf("%q are missing; compiled: %v", got, now.Compiled)
	}
	text = strings.Replace(text, "[parts/names.yaml, link/names.yaml, ../above.yaml, notes.txt]", "parts/names.yaml", 1)
	writeAs(t, file, text)
	names := filepath.ToSlash(filepath.Join(dir, "parts/names.yaml"))
	const functions = "tables:\n  owners: {file: owners.csv, key: ip, value: owner}\nfunctions:\n  owner_of(ip): =tables.owners[ip]\n"
	if now = p.try(map[string]string{names: functions}); now.Compiled || !slices.Contains(missing(now), "parts/names.yaml included") {
		t.Errorf("%+v", now)
	}
	digest := func(name string) string {
		i := slices.IndexFunc(now.Files, func(f pageFile) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s: %+v", name, now.Files)
		}
		return now.Files[i].Digest
	}
	save := func(name, text string, want int) {
		t.Helper()
		if status, body := p.status("save", map[string]string{"name": name, "text": text, "digest": digest(name)}); status != want {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	save(names, functions, http.StatusOK)
	if now = p.try(nil); !slices.Contains(missing(now), "parts/owners.csv table") {
		t.Fatalf("%q are missing", missing(now))
	}
	owners := filepath.ToSlash(filepath.Join(dir, "parts/owners.csv"))
	if now = p.try(map[string]string{owners: "ip,owner\n"}); !now.Compiled {
		t.Errorf("%+v", now)
	}
	writeAs(t, owners, "ip,owner\n192.0.2.7,ana\n")
	save(owners, "ip,owner\n", http.StatusConflict)
	tests := filepath.ToSlash(filepath.Join(dir, "findings_test.yaml"))
	var tested studio.Tested
	p.ask("tests", map[string]int{"trial": p.try(map[string]string{tests: "- name: x\n  alert: {}\n  expect: {unmatched: true}\n"}).Trial}, &tested)
	if report, _ := tested.Report.(map[string]any); report["passed"] != 1.0 {
		t.Errorf("a file of tests that is not saved: %+v", tested)
	}
	save(tests, "- name: x\n  alert: {}\n  expect: {unmatched: true}\n", http.StatusOK)
	if now = p.try(nil); len(missing(now)) != 0 || !now.Compiled {
		t.Errorf("%q are missing", missing(now))
	}
	info, err := os.Stat(names)
	if err != nil || info.Mode().Perm()&0o027 != 0 {
		t.Errorf("others can write it: %v (%v)", info.Mode(), err)
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("%v was written outside (%v)", left, err)
	}
}

// Of several saves over the same text at the same time, one is done.
func TestOneOfSeveralSavesWins(t *testing.T) {
	dir, file, text := ownMapping(t)
	p := openStudio(t, "-m", dir, filepath.Join(dir, "alerts.ndjson"))
	first := p.try(nil)
	i := slices.IndexFunc(first.Files, func(f pageFile) bool { return f.Name == file })
	var group sync.WaitGroup
	var done atomic.Int64
	for n := range 8 {
		group.Go(func() {
			status, _ := p.status("save", map[string]string{"name": file, "text": text + fmt.Sprintf("# %d\n", n), "digest": first.Files[i].Digest})
			if status == http.StatusOK {
				done.Add(1)
			}
		})
	}
	group.Wait()
	if done.Load() != 1 {
		t.Errorf("%d saves were done", done.Load())
	}
}

// What belongs to the program, what a link leads to outside, and what is read-only is not
// saved.
func TestStudioDoesNotSave(t *testing.T) {
	dir, file, text := ownMapping(t)
	p := openStudio(t, "-m", dir, "-m", "wazuh/security_finding")
	now := p.try(nil)
	for _, f := range now.Files {
		if f.Kind == "mapping" && f.Name != file {
			if status, body := p.status("save", map[string]string{"name": f.Name, "text": "x", "digest": f.Digest}); status != http.StatusForbidden {
				t.Errorf("%s: %d %s", f.Name, status, body)
			}
		}
	}
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	writeAs(t, outside, text)
	if err := errors.Join(os.Remove(file), os.Symlink(outside, file)); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(now.Files, func(f pageFile) bool { return f.Name == file })
	if status, body := p.status("save", map[string]string{"name": file, "text": "x", "digest": now.Files[i].Digest}); status != http.StatusConflict || !strings.Contains(string(body), "leads out") {
		t.Errorf("a link that leads out: %d %s", status, body)
	}
	if read, err := os.ReadFile(outside); err != nil || string(read) != text {
		t.Errorf("the file behind the link is %q (%v)", read, err)
	}
}
