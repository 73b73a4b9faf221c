//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package dir

import (
	"io/fs"
	"os"
)

// On a system without flock (Windows), a file cannot be removed while a process has it
// open. So an open lock file is the lock, and a run is dead if its lock file can be
// removed.

func lock(*os.File) error { return nil }

func busy(error) bool { return false }

// claim removes the lock file of a dead run; nothing is left to release.
func claim(temp *os.Root, name string, _ fs.FileInfo) (release func(), dead bool) {
	return func() {}, temp.Remove(name) == nil
}

// isOurs is true: these systems keep other users out by other means.
func isOurs(fs.FileInfo) bool { return true }

func syncFolder(string) error { return nil }
