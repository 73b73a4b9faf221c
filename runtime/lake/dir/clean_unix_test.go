//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// foreign makes a folder that looks like what killed runs leave, and must stay.
func foreign(t *testing.T, root string) {
	t.Helper()
	for _, name := range []string{"run-1", "run-2"} {
		err := errors.Join(os.MkdirAll(filepath.Join(root, name), 0o755), os.WriteFile(filepath.Join(root, name, "precious"), nil, 0o644),
			os.WriteFile(filepath.Join(root, name+lockSuffix), nil, 0o644))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Law: the clean-up removes what runs of this user left, and follows no link to
// anything else; it ends whatever lies there.
func TestCleanUpFollowsNoLink(t *testing.T) {
	top := t.TempDir()
	elsewhere := filepath.Join(top, "elsewhere")
	foreign(t, elsewhere)
	before := tree(t, elsewhere)
	link := func(old, new string) func(t *testing.T, temp string) {
		return func(t *testing.T, temp string) {
			if err := errors.Join(os.MkdirAll(temp, 0o755), os.Symlink(old, filepath.Join(temp, new))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		lay  func(t *testing.T, temp string)
		kept []string // in temp
	}{
		"temp is a link": {func(t *testing.T, temp string) {
			if err := os.Symlink(elsewhere, temp); err != nil {
				t.Fatal(err)
			}
		}, []string{"run-1", "run-1.lock", "run-2", "run-2.lock"}},
		"the folder of a run is a link": {func(t *testing.T, temp string) {
			link(elsewhere, "run-5")(t, temp)
			if err := os.WriteFile(filepath.Join(temp, "run-5.lock"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}, []string{"run-5", "run-5.lock"}},
		"a lock is a link": {link(filepath.Join(elsewhere, "run-1.lock"), "run-1.lock"), []string{"run-1.lock"}},
		"a lock is a pipe": {func(t *testing.T, temp string) {
			if err := errors.Join(os.MkdirAll(temp, 0o755), syscall.Mkfifo(filepath.Join(temp, "run-3.lock"), 0o600)); err != nil {
				t.Fatal(err)
			}
		}, []string{"run-3.lock"}},
		"other names": {func(t *testing.T, temp string) {
			for _, name := range []string{"run-", "run-x", "backup", "run-1x"} {
				if err := errors.Join(os.MkdirAll(filepath.Join(temp, name), 0o755), os.WriteFile(filepath.Join(temp, name+lockSuffix), nil, 0o644)); err != nil {
					t.Fatal(err)
				}
			}
		}, []string{"backup", "backup.lock", "run-", "run-.lock", "run-1x", "run-1x.lock", "run-x", "run-x.lock"}},
		"a folder without a lock": {func(t *testing.T, temp string) {
			if err := os.MkdirAll(filepath.Join(temp, "run-8"), 0o755); err != nil {
				t.Fatal(err)
			}
		}, []string{"run-8"}},
		"a link in the folder of a dead run": {func(t *testing.T, temp string) {
			link(elsewhere, "run-4/far")(t, filepath.Join(temp, "run-4", "..")) // makes only temp
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			temp := filepath.Join(root, tempName)
			if c.kept == nil {
				leave(t, root, "run-4", true)
			}
			c.lay(t, temp)
			if _, err := Open(root, Shared); err != nil {
				t.Fatal(err)
			}
			entries, err := os.ReadDir(temp)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Fatal(err)
			}
			var kept []string
			for _, e := range entries {
				kept = append(kept, e.Name())
			}
			if !slices.Equal(kept, c.kept) {
				t.Errorf("it keeps %q, not %q", kept, c.kept)
			}
			if after := tree(t, elsewhere); len(after) != len(before) {
				t.Fatalf("elsewhere had %v and has %v", before, after)
			}
		})
	}
}

// What belongs to another user stays, and no run writes into a folder that another
// user made, or that is a link.
func TestNoTemporaryFilesInFoldersOfOthers(t *testing.T) {
	for name, lay := range map[string]func(temp, elsewhere string) error{
		"a link":       func(temp, elsewhere string) error { return os.Symlink(elsewhere, temp) },
		"another user": func(temp, _ string) error { return errors.Join(os.Mkdir(temp, 0o777), os.Lchown(temp, 12345, -1)) },
	} {
		root, elsewhere := t.TempDir(), t.TempDir()
		if err := lay(filepath.Join(root, tempName), elsewhere); err != nil {
			if os.Geteuid() != 0 {
				continue // only root can give a folder away
			}
			t.Fatal(err)
		}
		s := open(t, root)
		if _, err := s.Create(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("%s: %v", name, err)
		}
		if got := tree(t, elsewhere); len(got) != 1 {
			t.Errorf("%s: elsewhere has %v", name, got)
		}
	}
}

// Law: less the umask, files are for their group at most, those of rejects for their
// owner, and folders for their group.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		before := syscall.Umask(umask)
		for _, mode := range []fs.FileMode{Shared, Private} {
			root := filepath.Join(t.TempDir(), "new/lake")
			s, err := Open(root, mode)
			if err != nil {
				t.Fatal(err)
			}
			put(t, s, "ext/a/small", "x")
			put(t, s, "ext/a/large", strings.Repeat("x", 3*smallBytes))
			err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
				info, _ := d.Info()
				want := mode
				if d.IsDir() {
					want = 0o750
				}
				if strings.Contains(path, tempName) && d.IsDir() {
					want = 0o700
				} else if strings.HasSuffix(path, lockSuffix) {
					want = 0o600
				}
				if got := info.Mode().Perm(); got != want&^fs.FileMode(umask) {
					t.Errorf("umask %#o: %s has %#o, not %#o", umask, path, got, want&^fs.FileMode(umask))
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
			closeSink(t, s)
		}
		syscall.Umask(before)
	}
}
