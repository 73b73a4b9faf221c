package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Read makes mappings of files that read gives, be they in a folder, in a
// bucket or in memory. Names are those that read takes, and by which the
// mappings are known in errors and rejects. With several names those that are
// only there for others to include are left out, as they are in a folder. What
// a mapping includes is read too. All errors are reported together.
func Read(names []string, read Reading) ([]engine.File, error) {
	from := read.once()
	var files []engine.File
	var errs []error
	for _, name := range names {
		text, err := read(name, syntax.MaxBytes)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		f := engine.File{Name: name, Text: text}
		from.addIncludes(&f)
		files = append(files, f)
	}
	if len(names) > 1 {
		files = WithoutFragments(files)
	}
	return files, errors.Join(errs...)
}

// Under is Load for a name below a folder that takes the place of the shipped
// mappings: wazuh/security_finding is a file of that folder, or a folder, or both, and is known by
// the same name as the shipped one. There are no files and no error when the
// folder has nothing of that name.
func Under(root, name string) ([]engine.File, error) {
	inside := path.Clean(filepath.ToSlash(name))
	if !filepath.IsLocal(filepath.FromSlash(inside)) {
		return nil, nil
	}
	names, err := mappingsOf(os.DirFS(root), strings.TrimSuffix(inside, ".yaml"))
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("mapping %s cannot be read: %w", name, err)
	case len(names) == 0:
		return nil, fmt.Errorf("mapping folder %s has no mapping: it holds no .yaml file", name)
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("mapping %s cannot be read: %w", name, err)
	}
	below := confined{roots: []string{absolute}}
	files, err := Read(names, func(name string, limit int) ([]byte, error) {
		text, err := below.read(filepath.Join(root, filepath.FromSlash(name)), limit)
		if err != nil {
			return nil, fmt.Errorf("mapping %s cannot be read: %w", name, err)
		}
		return text, nil
	})
	of := ofShipped{}
	for i := range files {
		files[i].Sound = of.sound(&files[i])
	}
	return files, err
}

// mappingsOf lists the files that a name without .yaml stands for: the mapping of
// that name, and those in the folder of that name. The error is fs.ErrNotExist if
// there is neither.
func mappingsOf(files fs.FS, name string) ([]string, error) {
	var names []string
	_, missing := fs.Stat(files, name+".yaml")
	if missing == nil {
		names = append(names, name+".yaml")
	}
	info, err := fs.Stat(files, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && missing == nil:
		return names, nil
	case err != nil:
		return nil, err
	case !info.IsDir():
		return append(names, name), nil
	}
	err = fs.WalkDir(files, name, visible(name, func(name string) error {
		if IsMapping(name) {
			names = append(names, name)
		}
		return nil
	}))
	return names, err
}
