package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// smallBytes is the most of an object that waits in memory: a small one becomes a file
// when it is closed, in the goroutine that may wait for the disk.
const smallBytes = 64 << 10

// object is a temporary file that Commit renames into place.
type object struct {
	sink   *Sink
	path   string
	held   []byte   // not written yet
	file   *os.File // nil while all is held, and once closed
	closed bool
	keep   bool // Commit leaves a file that is there
	done   bool // committed or aborted
}

func (o *object) Write(p []byte) (int, error) {
	if o.file == nil && len(o.held)+len(p) <= smallBytes {
		if o.held == nil {
			o.held = o.sink.buffer()
		}
		o.held = append(o.held, p...)
		return len(p), nil
	}
	if err := o.writeHeld(); err != nil {
		return 0, err
	}
	n, err := o.file.Write(p)
	if err != nil {
		return n, advise("write to output folder", o.sink.root, err)
	}
	return n, nil
}

// writeHeld creates the file and writes what was held.
func (o *object) writeHeld() error {
	if o.file != nil {
		return nil
	}
	err := o.sink.run.disk.work(func() (err error) {
		if o.file, err = os.OpenFile(o.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, o.sink.mode); err == nil {
			_, err = o.file.Write(o.held)
		}
		return err
	})
	if err != nil {
		return advise("write to output folder", o.sink.root, err)
	}
	o.drop()
	return nil
}

// drop gives back the memory of what was held.
func (o *object) drop() {
	if o.held != nil {
		b := o.held
		o.sink.buffers.Put(&b)
		o.held = nil
	}
}

func (o *object) Close() error {
	if o.closed {
		return nil
	}
	small := o.file == nil
	if err := o.writeHeld(); err != nil {
		return err
	}
	flush := o.file.Sync
	if small && o.sink.run.disk != nil {
		flush = o.flushWithOthers
	}
	err := flush()
	if closing := o.file.Close(); err == nil {
		err = closing
	}
	o.file, o.closed = nil, true
	if err != nil {
		return advise("write to output folder", o.sink.root, err)
	}
	return nil
}

// flushWithOthers makes a small file durable, with one flush for all that wait at this time.
func (o *object) flushWithOthers() error {
	k := o.sink.run.disk
	own := func() error { return k.pace.measure(&k.pace.each, 1, o.file.Sync) }
	together, all := k.pace.next()
	switch {
	case !together:
		return own()
	case all:
		own = nil
	}
	return k.sync(o.file, own)
}

// NameBy does nothing: a file needs its name at the end.
func (o *object) NameBy(func() (string, error)) {}

func (o *object) Keep() { o.keep = true }

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
	if o.keep {
		if _, err := os.Lstat(target); err == nil {
			return o.Abort()
		}
	}
	folder := o.sink.folder(filepath.Dir(target))
	if err := o.sink.run.disk.work(func() error { return folder.add(o.path, target) }); err != nil {
		return advise("move the finished object to", target, err)
	}
	o.done = true
	if err := o.sink.syncNames(folder); err != nil {
		return advise("make durable", target, err)
	}
	return nil
}

func (o *object) Abort() error {
	if o.done {
		return nil
	}
	o.done = true
	o.drop()
	if o.file != nil {
		_ = o.file.Close() // its content is discarded
		o.file = nil
	} else if !o.closed {
		return nil // there is no file yet
	}
	if err := os.Remove(o.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return advise("remove the unfinished object", o.path, err)
	}
	return nil
}
