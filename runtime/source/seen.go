package source

import (
	"io/fs"
	"os"
)

// fileKey is what a system calls a file by, whatever its names.
type fileKey struct{ device, node uint64 }

// seenFiles are the files and folders seen so far, each with a number. Of a file that has a
// key it keeps no more: a folder may hold very many.
type seenFiles struct {
	keys   map[fileKey]int
	others []seenFile
}

// seenFile is one without a key.
type seenFile struct {
	info   fs.FileInfo
	number int
}

// find returns the number of a file or folder that was added.
func (s *seenFiles) find(info fs.FileInfo) (number int, ok bool) {
	if key, is := keyOf(info); is {
		number, ok = s.keys[key]
		return number, ok
	}
	for _, other := range s.others {
		if os.SameFile(info, other.info) {
			return other.number, true
		}
	}
	return 0, false
}

// add is false when the file or folder was there already.
func (s *seenFiles) add(info fs.FileInfo, number int) bool {
	if _, ok := s.find(info); ok {
		return false
	}
	key, is := keyOf(info)
	switch {
	case !is:
		s.others = append(s.others, seenFile{info, number})
	case s.keys == nil:
		s.keys = map[fileKey]int{key: number}
	default:
		s.keys[key] = number
	}
	return true
}
