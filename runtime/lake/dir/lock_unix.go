//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package dir

import (
	"errors"
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

// claim takes the lock of a run; if it succeeds, the run is dead. Release removes the
// lock file while the lock is held, so that no other run can take it in between. On a
// file system without locks every run looks alive, and nothing is removed.
func claim(path string) (release func(), dead bool) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, false
	}
	if lock(f) != nil || !stillThere(f) {
		_ = f.Close()
		return nil, false
	}
	return func() {
		_ = os.Remove(path)
		_ = f.Close()
	}, true
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
