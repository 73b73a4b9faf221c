package wasm_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

// loadCached loads a module in a host of its own, calls it once, and gives what
// the module says of the cache.
func loadCached(t *testing.T, dir, name string, timed bool) error {
	t.Helper()
	h := wasm.New(wasm.Options{CacheDir: dir})
	defer h.Close(context.Background())
	config := riskConfig()
	if !timed {
		config.Timeout = -1
	}
	m, err := h.Load(context.Background(), name, example(t, name), config)
	if err != nil {
		t.Fatal(err)
	}
	g := guestOf(t, m)
	got, err := g.Call(context.Background(), "risk", []alert.Value{alert.OfText("10.1.2.3"), alert.OfInt(3)})
	if err != nil || got != alert.OfInt(50) {
		t.Errorf("%v, %v", got, err)
	}
	return m.CacheErr
}

// snapshot is what lies in a folder, with times.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			all[path] = info.ModTime().String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A filled folder is only read, so it may be read-only.
func TestCacheFilled(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "cache")
	if err := loadCached(t, dir, "risk/risk_c", true); err != nil {
		t.Fatal(err)
	}
	filled := snapshot(t, dir)
	if len(filled) != 1 {
		t.Fatalf("the cache holds %v", filled)
	}
	setModes(t, dir, 0o555)
	defer setModes(t, dir, 0o755)
	if err := loadCached(t, dir, "risk/risk_c", true); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(filled, snapshot(t, dir)); diff != "" {
		t.Errorf("a filled cache was written to\n%s", diff)
	}
}

// setModes is for folders; files become readable only.
func setModes(t *testing.T, dir string, mode fs.FileMode) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, mode)
		}
		return os.Chmod(path, 0o444)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each module has an entry, whatever its time limit.
func TestCacheEntries(t *testing.T) {
	dir := t.TempDir()
	for _, timed := range []bool{true, false} {
		for j, name := range []string{"risk/risk_c", "risk/risk_rs"} {
			if err := loadCached(t, dir, name, timed); err != nil {
				t.Fatal(err)
			}
			want := j + 1
			if !timed {
				want = 2
			}
			if n := len(snapshot(t, dir)); n != want {
				t.Errorf("%s, timed %v: %d entries, not %d", name, timed, n, want)
			}
		}
	}
}

// A folder that cannot be used costs time, nothing else, and is said.
func TestCacheUnusable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if err := loadCached(t, dir, "risk/risk_c", true); err == nil {
			t.Errorf("%s: no word of it", dir)
		}
	}
}

// A damaged entry is not run.
func TestCacheDamaged(t *testing.T) {
	for _, damage := range []func([]byte) []byte{
		func(b []byte) []byte { return nil },
		func(b []byte) []byte { return b[:len(b)/2] },
		func(b []byte) []byte { b[len(b)*2/3] ^= 0xff; return b },
	} {
		dir := t.TempDir()
		if err := loadCached(t, dir, "risk/risk_c", true); err != nil {
			t.Fatal(err)
		}
		for path := range snapshot(t, dir) {
			b, err := os.ReadFile(path)
			if err == nil {
				err = os.WriteFile(path, damage(b), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := loadCached(t, dir, "risk/risk_c", true); err == nil {
			t.Error("no word of the damage")
		}
	}
}

// The folder may vanish while the host lives.
func TestCacheVanishes(t *testing.T) {
	dir := t.TempDir()
	h := wasm.New(wasm.Options{CacheDir: dir})
	defer h.Close(context.Background())
	if _, err := h.Load(context.Background(), "c", example(t, "risk/risk_c"), riskConfig()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	m, err := h.Load(context.Background(), "rs", example(t, "risk/risk_rs"), riskConfig())
	if err != nil {
		t.Fatal(err)
	}
	if m.CacheErr == nil {
		t.Error("no word of it")
	}
}

// A host does nothing, not even make its folder, before it loads.
func TestHostIsIdle(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	h := wasm.New(wasm.Options{CacheDir: dir})
	if err := h.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the cache folder was made")
	}
	if _, err := h.Load(context.Background(), "m", hostile(t, "faulty"), wasm.Config{Alert: true}); err == nil {
		t.Error("a closed host loads")
	}
}

// What others could have put into the folder, or could put there, is not run.
func TestCacheOfOthers(t *testing.T) {
	owner := func(path string, _ fs.FileMode) error { return os.Chown(path, 12345, -1) }
	changes := map[string]func(string, fs.FileMode) error{"mode": os.Chmod}
	if os.Geteuid() == 0 {
		changes["owner"] = owner // only root can give a file away
	}
	for what, change := range changes {
		for _, mode := range []fs.FileMode{0o720, 0o702} {
			for _, which := range []string{"folder", "above", "file", "inside"} {
				top := filepath.Join(t.TempDir(), "top")
				dir := filepath.Join(top, "cache")
				if err := loadCached(t, dir, "risk/risk_c", true); err != nil {
					t.Fatal(err)
				}
				filled := snapshot(t, dir)
				path := map[string]string{"folder": dir, "above": top}[which]
				for file := range filled {
					if which == "file" {
						path = file
					} else if which == "inside" {
						path = filepath.Dir(file)
					}
				}
				if err := change(path, mode); err != nil {
					t.Fatal(err)
				}
				if err := loadCached(t, dir, "risk/risk_rs", true); err == nil || !strings.Contains(err.Error(), path) {
					t.Errorf("%s of the %s: %v", what, which, err)
				}
				if diff := cmp.Diff(filled, snapshot(t, dir)); diff != "" {
					t.Errorf("%s of the %s: the folder was written to\n%s", what, which, diff)
				}
			}
		}
	}
}

// A folder may be reached by a link, and lie below one that all may write to if
// names there belong to their owners.
func TestCacheBelowSticky(t *testing.T) {
	top := filepath.Join(t.TempDir(), "top")
	link := filepath.Join(t.TempDir(), "link")
	err := os.Mkdir(top, 0o700)
	if err == nil {
		err = os.Chmod(top, 0o777|fs.ModeSticky)
	}
	if err == nil {
		err = os.Symlink(top, link)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := loadCached(t, filepath.Join(link, "cache"), "risk/risk_c", true); err != nil {
			t.Error(err)
		}
	}
}
