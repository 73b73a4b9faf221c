package dir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const lockSuffix = ".lock"

// run is the temporary folder of one process, with its lock. The lock file is beside the
// folder and created before it: a folder without a lock file belongs to a run that died
// while removing it.
type run struct {
	temp   string // <root>/.sluice-tmp
	folder string // <temp>/<run>
	lock   *os.File
}

// startRun creates a locked temporary folder. Other runs use temp at the same time: one
// that ends may remove temp, and one that starts may take the new lock file, before it
// is locked, for that of a dead run. In both cases startRun tries again.
func startRun(temp string) (*run, error) {
	const attempts = 100
	var err error
	for range attempts {
		if err = os.MkdirAll(temp, 0o777); err != nil {
			return nil, err
		}
		var f *os.File
		if f, err = os.CreateTemp(temp, "run-*"+lockSuffix); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		if err = lock(f); busy(err) || !stillThere(f) {
			_ = f.Close()
			continue
		}
		r := &run{temp: temp, folder: strings.TrimSuffix(f.Name(), lockSuffix), lock: f}
		if err = os.Mkdir(r.folder, 0o777); err != nil {
			return nil, errors.Join(err, r.end())
		}
		return r, nil
	}
	return nil, err
}

// stillThere reports whether the open file is still the one of its name: a lock on a
// file that another run has removed protects nothing.
func stillThere(f *os.File) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(f.Name())
	return err == nil && os.SameFile(held, named)
}

// end removes the folder, then the lock, then temp if it is empty. On systems that
// cannot remove an open file, it removes the lock after closing it.
func (r *run) end() error {
	err := os.RemoveAll(r.folder)
	removed := os.Remove(r.lock.Name())
	_ = r.lock.Close()
	if removed != nil {
		err = errors.Join(err, os.Remove(r.lock.Name()))
	}
	_ = os.Remove(r.temp) // fails, as it should, while another run uses it
	return err
}

// removeDead removes the folders of runs that are no longer alive, and temp if it is
// empty then.
func removeDead(temp string) error {
	entries, err := os.ReadDir(temp)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		path := filepath.Join(temp, name)
		if isLock {
			err = removeIfDead(path)
		} else if _, statErr := os.Stat(path + lockSuffix); errors.Is(statErr, fs.ErrNotExist) {
			err = os.RemoveAll(path)
		}
		if err != nil {
			return err
		}
	}
	_ = os.Remove(temp)
	return nil
}

func removeIfDead(folder string) error {
	release, dead := claim(folder + lockSuffix)
	if !dead {
		return nil
	}
	defer release()
	return os.RemoveAll(folder)
}
