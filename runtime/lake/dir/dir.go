// Package dir stores the objects of a lake as files in a local folder.
//
// A file appears under its name atomically and complete: it is written under
//
//	<root>/.sluice-tmp/<run>/
//
// made durable there, and renamed into place. The temporary files are inside the output
// folder because a rename does not cross file systems. A run that is killed leaves its
// temporary folder behind; the next Open of the same root removes it, but never that of
// a run that is still alive (each run holds a lock on <run>.lock). The root is created
// with the first object, so a run without output leaves no trace.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/sluice-lake/sluice/runtime/lake"
)

const tempName = ".sluice-tmp"

// Modes of files: alerts name people and hosts, and rejects hold whole ones. Wazuh keeps
// its alerts from all but its group, too.
const (
	Shared  fs.FileMode = 0o640
	Private fs.FileMode = 0o600

	folderMode    fs.FileMode = 0o750
	privateFolder fs.FileMode = 0o700
)

// Sink writes objects as files in one folder. Several goroutines may use it at once.
type Sink struct {
	root string
	mode fs.FileMode

	buffers sync.Pool // *[]byte, of objects that are held
	disks   *Disks

	mu       sync.Mutex
	run      *run // nil until the first object
	madeRoot bool
	created  int                // number of objects so far, which numbers the temporary files
	folders  map[string]*folder // by path
}

// Open prepares a folder for output and removes what killed runs left in it. The folder
// need not exist; nothing is created before the first object. Open fails if the path is
// not a folder. Files get the mode, Shared or Private, less the umask.
func Open(root string, mode fs.FileMode) (*Sink, error) {
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, advise("output folder", root, err)
	case !info.IsDir():
		return nil, fmt.Errorf("output %s is a file: name a folder, or move the file away", root)
	default:
		err := removeDead(root)
		if errors.Is(err, fs.ErrPermission) {
			return nil, advise("output folder", root, err)
		}
		if err != nil {
			return nil, advise("remove what an earlier run left behind in", root, err)
		}
	}
	return &Sink{root: root, mode: mode, disks: new(Disks), folders: map[string]*folder{}}, nil
}

// Share makes files durable together with those of other Sinks that were given the same Disks.
// It is called before the first object.
func (s *Sink) Share(d *Disks) { s.disks = d }

// Create starts an object. It ignores the key, which Commit gets too.
func (s *Sink) Create(_ context.Context, _ string) (lake.Object, error) {
	folder, number, err := s.tempFolder()
	if err != nil {
		return nil, advise("write to output folder", s.root, err)
	}
	return &object{sink: s, path: filepath.Join(folder, fmt.Sprintf("%06d", number))}, nil
}

// buffer returns an empty buffer for a small object.
func (s *Sink) buffer() []byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, smallBytes)
}

func (s *Sink) tempFolder() (string, int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.start(); err != nil {
		return "", 0, err
	}
	s.created++
	return s.run.folder, s.created, nil
}

// start starts the run if there is none. The caller holds the mutex.
func (s *Sink) start() error {
	if s.run != nil {
		return nil
	}
	_, err := os.Stat(s.root)
	s.madeRoot = errors.Is(err, fs.ErrNotExist)
	if s.run, err = startRun(filepath.Join(s.root, tempName)); err == nil {
		s.run.disk = s.disks.at(s.run.lock)
	}
	return err
}

// disk is that of the folder, nil where only a flush of each file makes it durable.
func (s *Sink) disk() (*disk, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.start(); err != nil {
		return nil, err
	}
	return s.run.disk, nil
}

// Close removes the temporary folder, and the root if this Sink created it and nothing
// was committed. Objects that are not committed are lost.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.run == nil {
		return nil
	}
	if s.run.disk != nil {
		s.disks.leave(s.run.disk)
	}
	err := s.run.end()
	s.run = nil
	if s.madeRoot {
		_ = os.Remove(s.root) // fails, as it should, if the root is not empty
	}
	if err != nil {
		return advise("remove the temporary files of", s.root, err)
	}
	return nil
}

// advise returns an error that says what was attempted, where, why it failed and what to
// do.
func advise(what, path string, err error) error {
	advice := "check the path and run again"
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		advice = "free space there, or name another folder, and run again"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		advice = "allow writing there, or name another folder"
	case errors.Is(err, syscall.EFBIG):
		advice = "raise the limit on file sizes, or seal smaller objects"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		advice = "raise the limit on open files"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EEXIST), errors.Is(err, syscall.EISDIR):
		advice = "there is a file in the place of a folder, or a folder in the place of a file: move it away"
	}
	return fmt.Errorf("%s %s: %w (%s)", what, path, err, advice)
}
