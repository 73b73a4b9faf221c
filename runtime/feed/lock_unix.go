//go:build unix

package feed

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lockFile takes a lock that ends with the process. It fails if another has it.
func lockFile(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// busy reports whether another process has the lock.
func busy(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }

// nodeOf returns the device and inode of a file, 0 for none.
func nodeOf(info fs.FileInfo) (device, inode uint64) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Dev), uint64(st.Ino)
	}
	return 0, 0
}
