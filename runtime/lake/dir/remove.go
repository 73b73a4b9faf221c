package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Remove removes a file, and the folders that are empty without it.
func (s *Sink) Remove(_ context.Context, key string) error {
	local := filepath.FromSlash(key)
	if !filepath.IsLocal(local) {
		return fmt.Errorf("key %q does not stay inside the output folder %s", key, s.root)
	}
	target := filepath.Join(s.root, local)
	root, err := os.OpenRoot(s.root) // no link leads to other files
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = errors.Join(root.Remove(local), root.Close())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return advise("remove the object that this run replaces,", target, err)
	}
	parent := filepath.Dir(target)
	for parent != s.root && os.Remove(parent) == nil {
		parent = filepath.Dir(parent)
	}
	if err := s.folder(parent).names.sync(nil); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return advise("make durable", parent, err)
	}
	return nil
}
