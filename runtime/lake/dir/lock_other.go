//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package dir

import "os"

// Where there is no flock (Windows), a file cannot be removed as long as a
// process has it open. Having the lock file open is therefore the lock, and
// being able to remove it is the proof that its run is dead.

func lock(*os.File) error { return nil }

func busy(error) bool { return false }

// claim removes the lock file of a dead run; nothing is left to release.
func claim(path string) (release func(), dead bool) {
	return func() {}, os.Remove(path) == nil
}

func syncFolder(string) error { return nil }
