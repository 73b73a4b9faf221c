package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// object is a temporary file that Commit renames into place.
type object struct {
	sink *Sink
	file *os.File // nil once closed
	path string
	done bool // committed or aborted
}

func (o *object) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	if err != nil {
		return n, advise("write to output folder", o.sink.root, err)
	}
	return n, nil
}

func (o *object) Close() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Sync()
	if closing := o.file.Close(); err == nil {
		err = closing
	}
	o.file = nil
	if err != nil {
		return advise("write to output folder", o.sink.root, err)
	}
	return nil
}

// Commit renames the file into place and makes the new name durable.
func (o *object) Commit(_ context.Context, key string) error {
	local := filepath.FromSlash(key)
	if !filepath.IsLocal(local) {
		return fmt.Errorf("key %q does not stay inside the output folder %s", key, o.sink.root)
	}
	if err := o.Close(); err != nil {
		return err
	}
	target := filepath.Join(o.sink.root, local)
	if err := makeFolder(filepath.Dir(target)); err != nil {
		return advise("make the folder of", target, err)
	}
	if err := os.Rename(o.path, target); err != nil {
		return advise("move the finished object to", target, err)
	}
	o.done = true
	if err := syncFolder(filepath.Dir(target)); err != nil {
		return advise("make durable", target, err)
	}
	return nil
}

func (o *object) Abort() error {
	if o.done {
		return nil
	}
	o.done = true
	if o.file != nil {
		_ = o.file.Close() // its content is discarded
		o.file = nil
	}
	if err := os.Remove(o.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return advise("remove the unfinished object", o.path, err)
	}
	return nil
}

// makeFolder is os.MkdirAll, and makes each new folder durable in its parent: a power
// cut that lost the folder would lose the object.
func makeFolder(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(path)
	if parent != path {
		if err := makeFolder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o777); err != nil {
		// The commit of another object may have created it meanwhile.
		if info, statErr := os.Stat(path); statErr == nil && info.IsDir() {
			return nil
		}
		return err
	}
	return syncFolder(parent)
}
