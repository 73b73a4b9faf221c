package dir

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestManyCommitsAtOnce(t *testing.T) {
	root := filepath.Join(t.TempDir(), "lake")
	s := open(t, root)
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() { put(t, s, fmt.Sprintf("ext/day=%d/%03d", i%3, i), fmt.Sprint("object ", i)) })
	}
	all.Wait()
	closeSink(t, s)
	files := tree(t, root)
	for i := range 200 {
		if got := files[fmt.Sprintf("ext/day=%d/%03d", i%3, i)]; got != fmt.Sprint("object ", i) {
			t.Errorf("object %d is %q", i, got)
		}
	}
	if len(files) != 200 {
		t.Errorf("%d files", len(files))
	}
}

func TestAFolderThatWasRemovedIsCreatedAgain(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	put(t, s, "ext/a", "first")
	if err := os.RemoveAll(filepath.Join(root, "ext")); err != nil {
		t.Fatal(err)
	}
	put(t, s, "ext/b", "second")
	closeSink(t, s)
	if got := tree(t, root); len(got) != 1 || got["ext/b"] != "second" {
		t.Errorf("the folder has %v", got)
	}
}
