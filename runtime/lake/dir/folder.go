package dir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// folder is a folder that objects are renamed into. Several goroutines may use it.
type folder struct {
	path  string
	flush func(path string) error // syncFolder

	mu      sync.Mutex
	changed *sync.Cond
	exists  bool
	renamed int // calls of sync so far
	durable int // of these, those whose names are durable
	syncing bool
}

func newFolder(path string, flush func(string) error) *folder {
	f := &folder{path: path, flush: flush}
	f.changed = sync.NewCond(&f.mu)
	return f
}

// folder returns the folder of this path.
func (s *Sink) folder(path string) *folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.folders[path]
	if f == nil {
		f = newFolder(path, syncFolder)
		s.folders[path] = f
	}
	return f
}

// add moves a file into the folder, under the name target, and creates the folder if
// that was not done before or if somebody removed it.
func (f *folder) add(file, target string) error {
	if f.create(false) == nil {
		if err := os.Rename(file, target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := f.create(true); err != nil {
		return err
	}
	return os.Rename(file, target)
}

func (f *folder) create(again bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.exists && !again {
		return nil
	}
	err := makeFolder(f.path)
	f.exists = err == nil
	return err
}

// sync makes the names of all files durable that were renamed into the folder before
// the call. Calls at the same time share the disk's work: each waits for a sync that
// began after it.
func (f *folder) sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renamed++
	for mine := f.renamed; f.durable < mine; {
		if f.syncing {
			f.changed.Wait()
			continue
		}
		covered := f.renamed
		f.syncing = true
		f.mu.Unlock()
		err := f.flush(f.path)
		f.mu.Lock()
		f.syncing = false
		f.changed.Broadcast()
		if err != nil {
			return err
		}
		f.durable = covered
	}
	return nil
}

// makeFolder is os.MkdirAll, and makes each new folder durable in its parent: a power
// cut that lost the folder would lose the object.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, folderMode); err != nil {
		// The commit of another object may have created it meanwhile.
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return nil
		}
		return err
	}
	return syncFolder(parent)
}
