package dir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// leave makes what a killed run leaves: a folder with half an object, and the
// lock file that nobody holds.
func leave(t *testing.T, root, name string, withLock bool) {
	t.Helper()
	folder := filepath.Join(root, tempName, name)
	err := os.MkdirAll(folder, 0o777)
	err = errors.Join(err, os.WriteFile(filepath.Join(folder, "000001"), []byte("half"), 0o666))
	if withLock {
		err = errors.Join(err, os.WriteFile(folder+lockSuffix, nil, 0o666))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestLeftoversOfKilledRunsAreRemoved(t *testing.T) {
	root := t.TempDir()
	leave(t, root, "run-1", true)
	leave(t, root, "run-2", true)
	if err := os.WriteFile(filepath.Join(root, tempName, "run-3"+lockSuffix), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	open(t, root)
	if diff := cmp.Diff(map[string]string{"./": ""}, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestALiveRunKeepsItsFiles(t *testing.T) {
	root := t.TempDir()
	first := open(t, root)
	o, err := first.Create(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Write([]byte("rows")); err != nil {
		t.Fatal(err)
	}
	leave(t, root, "run-99", true)
	second := open(t, root)
	put(t, second, "b", "other")
	closeSink(t, second)
	if err := errors.Join(o.Close(), o.Commit(t.Context(), "a")); err != nil {
		t.Fatal(err)
	}
	closeSink(t, first)
	if diff := cmp.Diff(map[string]string{"a": "rows", "b": "other"}, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

// Runs that start, clean up and end on one folder all at once lose nothing.
func TestManyRunsShareAFolder(t *testing.T) {
	root := t.TempDir()
	want := map[string]string{}
	var wg sync.WaitGroup
	for r := range 8 {
		for i := range 20 {
			want[fmt.Sprintf("ext/%d/%d", i%3, r*100+i)] = fmt.Sprint(r, i)
		}
		wg.Go(func() {
			for i := range 20 {
				if err := oneObject(root, fmt.Sprintf("ext/%d/%d", i%3, r*100+i), fmt.Sprint(r, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if diff := cmp.Diff(want, tree(t, root)); diff != "" {
		t.Error(diff)
	}
}

func oneObject(root, key, text string) error {
	s, err := Open(root, Shared)
	if err != nil {
		return err
	}
	o, err := s.Create(context.Background(), key)
	if err != nil {
		return err
	}
	_, err = o.Write([]byte(text))
	return errors.Join(err, o.Close(), o.Commit(context.Background(), key), s.Close())
}
