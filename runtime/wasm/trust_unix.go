//go:build unix

package wasm

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// checkTrusted returns an error unless only trusted users can change what lies
// in the folder, now and later: whoever could rename a folder above it could put
// another in its place. The folder's name is absolute and free of links.
func checkTrusted(dir string) error {
	trusted := trustedOwners()
	for above := filepath.Dir(dir); ; above = filepath.Dir(above) {
		info, err := os.Lstat(above)
		if err == nil {
			err = checkEntry(above, info, trusted)
		}
		if err != nil {
			return err
		}
		if above == filepath.Dir(above) {
			break
		}
	}
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is neither a file nor a folder: remove it", name)
		}
		return checkEntry(name, info, trusted)
	})
}

// trustedOwners are the user of this process, root, and whoever owns this
// program and could put another in its place.
func trustedOwners() map[uint32]bool {
	trusted := map[uint32]bool{0: true, uint32(os.Geteuid()): true}
	if program, err := os.Executable(); err == nil {
		if info, err := os.Stat(program); err == nil {
			if owner, ok := info.Sys().(*syscall.Stat_t); ok {
				trusted[owner.Uid] = true
			}
		}
	}
	return trusted
}

func checkEntry(name string, info fs.FileInfo, trusted map[uint32]bool) error {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok || !trusted[owner.Uid]:
		return fmt.Errorf("%s belongs to another user, who could put any code there: use a folder of your own", name)
	case info.Mode().Perm()&0o022 != 0 && info.Mode()&fs.ModeSticky == 0: // sticky: names belong to their owners
		return fmt.Errorf("others can write to %s and could put any code there: run chmod go-w on it", name)
	}
	return nil
}
