package dir

import (
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// eachAtMost is the most files that are flushed one by one. Each of them waits for
// the disk; for more it is cheaper to flush all of the file system at once.
const eachAtMost = 32

// flushFiles makes the files of a folder durable.
func flushFiles(folder string, paths []string) error {
	if len(paths) <= eachAtMost {
		return flushEach(paths)
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	if !flushesAll(d) {
		return flushEach(paths)
	}
	return flushAll(d)
}

// deviceOf returns what identifies the file system of a file, false where flushAll does
// not do for it.
func deviceOf(f *os.File) (device uint64, ok bool) {
	var of unix.Stat_t
	ok = flushesAll(f) && unix.Fstat(int(f.Fd()), &of) == nil
	return of.Dev, ok
}

// flushesAll reports whether flushAll makes durable what is on the file system of a file. Those
// of networks and of other programs need not hear of it.
func flushesAll(f *os.File) bool {
	var on unix.Statfs_t
	return unix.Fstatfs(int(f.Fd()), &on) == nil && slices.Contains([]int64{
		unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.TMPFS_MAGIC,
	}, int64(on.Type))
}

// flushAll makes durable all that was written to the file system of a file.
func flushAll(f *os.File) error { return unix.Syncfs(int(f.Fd())) }

// flushed returns what went wrong with a file when it was flushed with all others. It does not
// wait for the disk.
func flushed(f *os.File) error {
	err := unix.SyncFileRange(int(f.Fd()), 0, 0, unix.SYNC_FILE_RANGE_WAIT_BEFORE)
	if errors.Is(err, errors.ErrUnsupported) {
		return f.Sync()
	}
	return err
}
