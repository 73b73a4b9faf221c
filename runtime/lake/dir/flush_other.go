//go:build !linux

package dir

import (
	"errors"
	"os"
)

// flushFiles makes the files of a folder durable.
func flushFiles(_ string, paths []string) error { return flushEach(paths) }

// deviceOf is for systems that can flush all of a file system, and wait for that.
func deviceOf(*os.File) (device uint64, ok bool) { return 0, false }

func flushAll(*os.File) error { return errors.ErrUnsupported }

func flushed(f *os.File) error { return f.Sync() }
