package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/runtime/lake"
)

// List walks the folder of the prefix. Links are not followed.
func (s *Sink) List(ctx context.Context, prefix string, each func(lake.Stored)) error {
	folder := path.Dir(prefix + "x")
	at := filepath.Join(s.root, filepath.FromSlash(folder))
	err := filepath.WalkDir(at, func(name string, e fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed meanwhile
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case e.IsDir() && strings.HasPrefix(e.Name(), ".") && name != at:
			return fs.SkipDir
		case !e.Type().IsRegular():
			return nil
		}
		rel, err := filepath.Rel(s.root, name)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(rel)
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(key, prefix) {
			return nil
		}
		if err == nil {
			each(lake.Stored{Key: key, Bytes: info.Size(), Modified: info.ModTime(), Tag: tag(info)})
		}
		return err
	})
	if err != nil {
		return advise("list", at, err)
	}
	return nil
}

// tag is another for each file that took the place of an earlier one.
func tag(info fs.FileInfo) string {
	return fmt.Sprint(info.Size(), " ", info.ModTime().Format(time.RFC3339Nano))
}

// Open opens a file.
func (s *Sink) Open(_ context.Context, o lake.Stored) (lake.ReadCloserAt, error) {
	local := filepath.FromSlash(o.Key)
	if !filepath.IsLocal(local) {
		return nil, fmt.Errorf("key %q does not stay inside the folder %s", o.Key, s.root)
	}
	name := filepath.Join(s.root, local)
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", name, lake.ErrGone)
	}
	if err != nil {
		return nil, advise("read", name, err)
	}
	info, err := f.Stat()
	if err == nil && o.Tag != "" && tag(info) != o.Tag {
		err = fmt.Errorf("%s: %w", name, lake.ErrGone)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
