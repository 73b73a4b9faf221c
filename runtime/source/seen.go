package source

import (
	"io/fs"
	"os"
)

// fileKey sorts files so that only a few need be compared. Files that are the
// same have the same key; where the system tells nothing, all keys are equal.
type fileKey struct{ device, node uint64 }

// seenFiles holds what was met before. os.SameFile has the last word.
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
