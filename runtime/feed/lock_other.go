//go:build !unix

package feed

import (
	"io/fs"
	"os"
)

// lockFile takes no lock on a system without flock.
func lockFile(*os.File) error { return nil }

func busy(error) bool { return false }

// nodeOf knows no inodes: files are recognised by their first bytes alone.
func nodeOf(fs.FileInfo) (device, inode uint64) { return 0, 0 }
