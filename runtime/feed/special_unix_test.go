//go:build unix

package feed

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A state is written by a rename, which would put a file in the place of a device: nothing
// but a regular file is one, and to find that out must not wait for whoever writes a pipe.
func TestStatesThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	pipe, link := filepath.Join(dir, "pipe"), filepath.Join(dir, "link")
	must(t, syscall.Mkfifo(pipe, 0o600))
	must(t, os.Symlink(pipe, link))
	must(t, os.Symlink("circle", filepath.Join(dir, "circle")))
	for name, want := range map[string]string{
		pipe: "is not a regular file", link: "is not a regular file", dir: "is not a regular file",
		filepath.Join(dir, "circle"): "symbolic links",
	} {
		if _, err := OpenStateFile(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("OpenStateFile(%s): %v", name, err)
		}
		if _, err := ReadStateFile(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ReadStateFile(%s): %v", name, err)
		}
		if _, err := open(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("following %s: %v", name, err)
		}
	}
	info, err := os.Lstat(pipe)
	must(t, err)
	if info.Mode()&fs.ModeNamedPipe == 0 {
		t.Errorf("the pipe is %v now", info.Mode())
	}
	if locks, _ := filepath.Glob(filepath.Join(dir, "*.lock")); len(locks) > 0 {
		t.Errorf("locks were left beside what is not a state: %v", locks)
	}
}

// A state has one holder by whatever name, and stays where a link leads.
func TestLinkedState(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "state"), filepath.Join(dir, "link")
	must(t, os.WriteFile(file, []byte(`{"sluice_state": 1}`), 0o600))
	must(t, os.Symlink("state", link))
	first, err := OpenStateFile(file)
	must(t, err)
	if _, err := OpenStateFile(link); err == nil || !strings.Contains(err.Error(), "another process uses the state") {
		t.Fatalf("the second holder got %v", err)
	}
	must(t, first.Close())
	second, err := OpenStateFile(link)
	must(t, err)
	defer second.Close()
	must(t, second.Save(t.Context(), []byte(`{"sluice_state": 1, "files": {}}`)))
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v now, %v", info, err)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), "files") {
		t.Errorf("the file has %s, %v", text, err)
	}
}
