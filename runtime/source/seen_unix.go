//go:build unix

package source

import (
	"io/fs"
	"syscall"
)

func keyOf(info fs.FileInfo) (key fileKey, ok bool) {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fileKey{}, false
	}
	return fileKey{device: uint64(st.Dev), node: uint64(st.Ino)}, true
}
