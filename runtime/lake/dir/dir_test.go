package dir

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree lists every file and folder under root, slash-separated, with contents.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		if e.IsDir() {
			if children, _ := os.ReadDir(path); len(children) == 0 {
				files[filepath.ToSlash(rel)+"/"] = ""
			}
			return nil
		}
		data, err := os.ReadFile(path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return files
}

func open(t *testing.T, root string) *Sink {
	t.Helper()
	s, err := Open(root, Shared)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put writes one object and commits it.
func put(t *testing.T, s *Sink, key, text string) {
	t.Helper()
	o, err := s.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{text[:len(text)/2], text[len(text)/2:]} {
		if _, err := o.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(o.Close(), o.Commit(t.Context(), key)); err != nil {
		t.Fatal(err)
	}
}

func closeSink(t *testing.T, s *Sink) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestAnObjectIsNotVisibleBeforeItsCommit(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	s := open(t, root)
	o, err := s.Create(t.Context(), "ext/a.parquet")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "ext")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the commit there is %v", tree(t, root))
	}
	if err := errors.Join(o.Close(), o.Commit(t.Context(), "ext/a.parquet"), o.Abort()); err != nil {
		t.Fatal(err)
	}
	closeSink(t, s)
	if diff := cmp.Diff(map[string]string{"ext/a.parquet": "half"}, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestASecondObjectOfTheSameKeyReplacesTheFirst(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	put(t, s, "ext/day=1/a", "the older and longer")
	put(t, s, "ext/day=1/a", "newer")
	put(t, s, "ext/day=2/a", "other")
	closeSink(t, s)
	want := map[string]string{"ext/day=1/a": "newer", "ext/day=2/a": "other"}
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsAbortedOrNeverStartedLeavesNoTrace(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	closeSink(t, open(t, root))
	s := open(t, root)
	for _, closed := range []bool{false, true} {
		o, err := s.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.Write([]byte("rows")); err != nil {
			t.Fatal(err)
		}
		if closed {
			err = o.Close()
		}
		if err := errors.Join(err, o.Abort(), o.Abort()); err != nil {
			t.Fatal(err)
		}
	}
	closeSink(t, s)
	if _, err := os.Stat(root); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the output folder was left with %v", tree(t, root))
	}
}

func TestAKeyCannotLeaveTheFolder(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	s := open(t, root)
	defer closeSink(t, s)
	for _, key := range []string{"", "/etc/x", "../x", "ext/../../x"} {
		o, err := s.Create(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Commit(t.Context(), key); err == nil {
			t.Errorf("key %q was taken", key)
		}
		if err := o.Abort(); err != nil {
			t.Error(err)
		}
	}
}

func TestErrorsSayWhereAndWhatToDo(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Shared); err == nil || !strings.Contains(err.Error(), file+" is a file") {
		t.Errorf("a file as output folder: %v", err)
	}
	if _, err := Open(filepath.Join(file, "below"), Shared); err == nil || !strings.Contains(err.Error(), "file in the place of a folder") {
		t.Errorf("an output folder below a file: %v", err)
	}
	s := open(t, folder)
	defer closeSink(t, s)
	o, err := s.Create(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Commit(t.Context(), "file/a"); err == nil || !strings.Contains(err.Error(), "file in the place of a folder") {
		t.Errorf("a partition below a file: %v", err)
	}
	if err := o.Abort(); err != nil {
		t.Error(err)
	}
}
