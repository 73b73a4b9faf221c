package source

import (
	"io/fs"
	"os"
)

// fileKey narrows down the files to compare. The same file has the same key; on a
// system that offers none, all keys are equal.
type fileKey struct{ device, node uint64 }

// seenFiles holds the files and folders seen so far. os.SameFile decides.
type seenFiles map[fileKey][]fs.FileInfo

// add is false when the file or folder was there already.
func (s seenFiles) add(info fs.FileInfo) bool {
	key := keyOf(info)
	for _, other := range s[key] {
		if os.SameFile(info, other) {
			return false
		}
	}
	s[key] = append(s[key], info)
	return true
}
