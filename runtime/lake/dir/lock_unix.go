//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dir

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock locks the file for this process without waiting. The kernel releases the lock
// when the process ends, however it ends.
func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// busy reports whether lock failed because another process holds the lock, and not
// because the file system does not support locks.
func busy(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

// claim takes the lock file of a run, which was listed; if it succeeds, the run is dead. Release removes the
// lock file while the lock is held, so that no other run can take it in between. On a
// file system without locks every run looks alive, and nothing is removed.
func claim(temp *os.Root, name string, listed fs.FileInfo) (release func(), dead bool) {
	f, err := temp.OpenFile(name, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, false
	}
	held, err := f.Stat()
	if err != nil || !os.SameFile(held, listed) || lock(f) != nil || !same(temp, name, held) {
		_ = f.Close()
		return nil, false
	}
	return func() {
		_ = temp.Remove(name)
		_ = f.Close()
	}, true
}

// same reports whether a file is still the one of its name.
func same(temp *os.Root, name string, held fs.FileInfo) bool {
	named, err := temp.Lstat(name)
	return err == nil && os.SameFile(held, named)
}

// isOurs reports whether a file belongs to the user of this process.
func isOurs(info fs.FileInfo) bool {
	of, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(of.Uid) == os.Geteuid()
}

// syncFolder makes the names in a folder durable. Some file systems cannot and return an
// error that says so: the rename is then as durable as it can be.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}
