package dir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// folder is a folder that objects are renamed into. Several goroutines may use it.
type folder struct {
	path  string
	names *shared // makes the names durable of files that were renamed into the folder

	mu     sync.Mutex
	exists bool
}

func newFolder(path string) *folder {
	return &folder{path: path, names: newShared(func(int) error { return syncFolder(path) })}
}

// folder returns the folder of this path.
func (s *Sink) folder(path string) *folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.folders[path]
	if f == nil {
		f = newFolder(path)
		s.folders[path] = f
	}
	return f
}

// syncNames makes the names durable of files that were renamed into the folder, with one flush
// for all that wait at this time.
func (s *Sink) syncNames(f *folder) error {
	if k := s.run.disk; k != nil && k.pace.prefersAll() {
		return k.all.sync(func() error { return syncFolder(f.path) })
	}
	return f.names.sync(nil)
}

// add moves a file into the folder, under the name target, and creates the folder if
// that was not done before or if somebody removed it.
func (f *folder) add(file, target string) error {
	if f.create(false) == nil {
		if err := rename(file, target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := f.create(true); err != nil {
		return err
	}
	return rename(file, target)
}

// rename is os.Rename, which looks at the target first. A file takes no folder's place either way.
func rename(file, target string) error {
	for {
		if err := syscall.Rename(file, target); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
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
