package dir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const lockSuffix = ".lock"

// ownName is what a run's temporary folder is called, without lockSuffix.
var ownName = regexp.MustCompile(`^run-[0-9]+$`)

// run is the temporary folder of one process, with its lock. The lock file is beside the
// folder, created before it and removed after it.
type run struct {
	temp   string // <root>/.sluice-tmp
	folder string // <temp>/<run>
	lock   *os.File
	disk   *disk // nil where only a flush of each file makes it durable
}

// startRun creates a locked temporary folder. Other runs use temp at the same time: one
// that ends may remove temp, and one that starts may take the new lock file, before it
// is locked, for that of a dead run. In both cases startRun tries again.
func startRun(temp string) (*run, error) {
	const attempts = 100
	var err error
	for range attempts {
		if err = makeTemp(temp); err != nil {
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
		if err = os.Mkdir(r.folder, privateFolder); err != nil {
			return nil, errors.Join(err, r.end())
		}
		return r, nil
	}
	return nil, err
}

// makeTemp makes the folder for temporary files, and accepts none that others could
// have put there to have files written elsewhere.
func makeTemp(temp string) error {
	if err := os.MkdirAll(filepath.Dir(temp), folderMode); err != nil {
		return err
	}
	if err := os.Mkdir(temp, privateFolder); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(temp)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // a run that ended removed it; CreateTemp sees that
	case err == nil && (!info.IsDir() || !isOurs(info)):
		return fmt.Errorf("%s is a link or belongs to somebody else: remove it", temp)
	}
	return err
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
// empty then. Who may write in the output folder must not have other files removed: so
// only real folders of our own user with the name of a run and its lock are, and no link
// is followed.
func removeDead(root string) error {
	output, err := os.OpenRoot(root)
	if err != nil {
		return err
	}
	defer output.Close() // nothing is written
	info, err := output.Lstat(tempName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if !info.IsDir() || !isOurs(info) {
		return nil // startRun says so
	}
	temp, err := output.OpenRoot(tempName)
	if err != nil {
		return unlessGone(err)
	}
	defer temp.Close() // nothing is written
	if opened, err := temp.Stat("."); err != nil || !os.SameFile(info, opened) {
		return err // somebody put another in its place
	}
	entries, err := fs.ReadDir(temp.FS(), ".")
	if err != nil {
		return unlessGone(err)
	}
	for _, e := range entries {
		name, isLock := strings.CutSuffix(e.Name(), lockSuffix)
		if !isLock || !ownName.MatchString(name) {
			continue
		}
		if err := removeIfDead(temp, name); err != nil {
			return err
		}
	}
	_ = output.Remove(tempName) // fails, as it should, if it is not empty
	return nil
}

// unlessGone drops the error of a folder that another run, which ended, has removed.
func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func removeIfDead(temp *os.Root, name string) error {
	info, err := temp.Lstat(name + lockSuffix)
	if err != nil || !info.Mode().IsRegular() || !isOurs(info) {
		return nil // it is not a lock of ours
	}
	if folder, err := temp.Lstat(name); err == nil && (!folder.IsDir() || !isOurs(folder)) {
		return nil
	}
	release, dead := claim(temp, name+lockSuffix, info)
	if !dead {
		return nil
	}
	defer release()
	return temp.RemoveAll(name)
}
