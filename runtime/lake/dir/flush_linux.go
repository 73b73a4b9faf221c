package dir

import (
	"os"

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
	return unix.Syncfs(int(d.Fd()))
}
