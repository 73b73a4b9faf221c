package dir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Law: when sync returns, a flush of the folder is over that began after the call did.
func TestSyncWaitsForAFlushThatBeganAfterIt(t *testing.T) {
	var clock, begun, ended atomic.Int64 // of the flush that is over
	flushes := atomic.Int64{}
	f := newFolder("x", func(string) error {
		at := clock.Add(1)
		time.Sleep(time.Millisecond)
		begun.Store(at)
		ended.Store(clock.Add(1))
		flushes.Add(1)
		return nil
	})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 10 {
				called := clock.Add(1)
				if err := f.sync(); err != nil {
					t.Error(err)
				}
				if begun.Load() < called {
					t.Errorf("a sync at %d was answered by a flush from %d to %d", called, begun.Load(), ended.Load())
				}
			}
		})
	}
	all.Wait()
	if n := flushes.Load(); n > 250 {
		t.Errorf("500 syncs by 50 goroutines took %d flushes", n)
	}
}

// A flush that fails is the error of the call that waited for it, and not of later ones.
func TestSyncFails(t *testing.T) {
	broken := errors.New("broken")
	answers := []error{broken, nil}
	f := newFolder("x", func(string) error {
		err := answers[0]
		answers = answers[1:]
		return err
	})
	if err := f.sync(); !errors.Is(err, broken) {
		t.Errorf("the first sync returns %v", err)
	}
	if err := f.sync(); err != nil {
		t.Errorf("the second sync returns %v", err)
	}
}

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
