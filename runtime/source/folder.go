package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// errReplaced is for a file that was one when its folder was listed.
var errReplaced = errors.New("a link or something that is not a file has taken its place")

// folder is one in which files were found. Several goroutines may use it.
type folder struct {
	path string

	once sync.Once
	root *os.Root // which is closed when no input of the folder is left
	err  error
}

// open opens a file that was found below the folder, and nothing that was put in its place
// since: no link is followed out of the folder, nor one that has its name.
func (d *folder) open(name string) (*os.File, error) {
	d.once.Do(func() { d.root, d.err = os.OpenRoot(d.path) })
	if d.err != nil {
		return nil, d.err
	}
	inside, err := filepath.Rel(d.path, name)
	if err != nil {
		return nil, err
	}
	f, err := d.root.OpenFile(inside, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil {
		var named fs.FileInfo
		if named, err = d.root.Lstat(inside); err == nil && !(opened.Mode().IsRegular() && os.SameFile(opened, named)) {
			err = errReplaced
		}
	}
	if err != nil {
		f.Close() // only opened
		return nil, err
	}
	return f, nil
}
