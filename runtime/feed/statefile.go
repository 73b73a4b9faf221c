package feed

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// StateFile is a Store in a local file. It holds a lock beside the file until Close.
type StateFile struct {
	path string
	lock *os.File
}

// OpenStateFile opens the file of a state, which need not exist yet, and makes its
// folder. It fails if another process holds it, by whatever links it was named.
func OpenStateFile(path string) (*StateFile, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if _, err := ReadStateFile(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("the folder of the state cannot be made: %w", err)
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the lock of the state cannot be made: %w", err)
	}
	if err := lockFile(lock); err != nil {
		lock.Close()
		if busy(err) {
			return nil, fmt.Errorf("another process uses the state %s: end that one first, or name another --state", path)
		}
		return nil, fmt.Errorf("the state %s cannot be locked: %w", path, err)
	}
	return &StateFile{path, lock}, nil
}

// Load implements Store.
func (f *StateFile) Load(context.Context) ([]byte, error) {
	text, err := ReadStateFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return text, err
}

// ReadStateFile returns what the file of a state has, also while a process holds it. A
// device or a pipe cannot be one: Save would put a file in its place.
func ReadStateFile(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err == nil {
		defer f.Close() // only read
		var text []byte
		if text, err = io.ReadAll(f); err == nil {
			return text, nil
		}
	}
	if errors.Is(err, errNotRegular) {
		return nil, fmt.Errorf("the state %s is not a regular file: name another --state", path)
	}
	return nil, fmt.Errorf("the state cannot be read: %w", err)
}

// Save implements Store: it writes a temporary file beside the state and renames it.
func (f *StateFile) Save(_ context.Context, text []byte) error {
	if err := f.save(text); err != nil {
		return fmt.Errorf("the state cannot be written: %w", err)
	}
	return nil
}

func (f *StateFile) save(text []byte) error {
	dir := filepath.Dir(f.path)
	temporary, err := os.OpenFile(f.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Sync(), temporary.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), f.path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Close lets other processes use the state.
func (f *StateFile) Close() error { return f.lock.Close() }
