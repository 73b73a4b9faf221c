// Package mapping finds the mappings that people name, and the tests beside them,
// and brings their text to the engine.
//
//	names, files, folders ──► engine.File
//
// It reads files and the shipped mappings, and understands none of them.
package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/mappings"
)

// Shipped lists the names of the shipped mappings, sorted.
func Shipped() []string {
	var names []string
	entries, err := fs.ReadDir(mappings.FS, "wazuh")
	if err != nil {
		return nil // it is embedded
	}
	for _, e := range entries {
		name, isFile := strings.CutSuffix(e.Name(), ".yaml")
		if isFile && IsMapping(e.Name()) || e.IsDir() && name != fragments {
			names = append(names, "wazuh/"+name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// fragments is the folder of what shipped mappings include.
const fragments = "shared"

// Load reads what each argument names: a file or a folder that exists, else a
// shipped mapping, also by the name with the Scheme. A folder gives all its mappings (*.yaml and *.yml, in the
// folders below too, but for tests and for fragments that others include), in
// the order of their names. Fragments are left out among several files too, which
// a glob of the shell may name. A file named twice is read once. All errors are
// reported together.
func Load(args []string) ([]engine.File, error) { return new(Loader).Load(args) }

func (l *Loader) load(arg string) ([]engine.File, error) {
	if IsShipped(arg) {
		return l.shipped(arg)
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return l.folder(arg)
	case err == nil:
		c, err := l.rooted(arg, false)
		if err != nil {
			return nil, fmt.Errorf("mapping %s cannot be read: %w", arg, err)
		}
		return file(arg, l.edited(readFile), l.edited(c.read).once())
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("mapping %s cannot be read: %w", arg, err)
	}
	name := strings.TrimSuffix(path.Clean(filepath.ToSlash(arg)), ".yaml")
	if !slices.Contains(Shipped(), name) {
		return nil, fmt.Errorf("there is no mapping %q: it is neither a file nor a folder, and the shipped mappings are %s%s",
			arg, strings.Join(Shipped(), ", "), spelling.DidYouMean(arg, Shipped()))
	}
	names, err := mappingsOf(mappings.FS, name)
	if err != nil {
		return nil, err
	}
	files, err := Read(names, l.edited(func(name string, _ int) ([]byte, error) { return mappings.FS.ReadFile(name) }))
	for i := range files {
		files[i].Sound = len(l.Edits) == 0 // see ofShipped
	}
	return files, err
}

// shipped reads what a mapping would extend by this name.
func (l *Loader) shipped(name string) ([]engine.File, error) {
	names := shippedSet(name)
	if names == nil {
		names = []string{name}
	}
	return Read(names, l.edited(func(name string, limit int) ([]byte, error) {
		text, err := Reading(nil).orShipped(name, limit)
		if err != nil {
			err = fmt.Errorf("mapping %s cannot be read: %w", name, err)
		}
		return text, err
	}))
}

// file reads a mapping, and from elsewhere what it names.
func file(name string, read Reading, from *sources) ([]engine.File, error) {
	text, err := read(name, syntax.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("mapping %s cannot be read: %w", name, err)
	}
	f := engine.File{Name: filepath.ToSlash(filepath.Clean(name)), Text: text}
	from.addIncludes(&f)
	return []engine.File{f}, nil
}

func (l *Loader) folder(dir string) ([]engine.File, error) {
	var files []engine.File
	c, err := l.rooted(dir, true)
	read := l.edited(c.read)
	from := read.once()
	if err == nil {
		err = filepath.WalkDir(dir, visible(dir, func(name string) error {
			if !IsMapping(name) {
				return nil
			}
			found, err := file(name, read, from)
			files = append(files, found...)
			return err
		}))
	}
	switch {
	case err != nil:
		return nil, fmt.Errorf("mapping folder %s cannot be read: %w", dir, err)
	case len(files) == 0:
		return nil, fmt.Errorf("mapping folder %s has no mapping: it holds no .yaml file", dir)
	}
	return WithoutFragments(files), nil
}

// visible is for a walk through a folder: it gives each file but those of hidden folders in
// it, where editors, version control and volumes of Kubernetes keep copies.
func visible(root string, each func(name string) error) fs.WalkDirFunc {
	return func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return each(name)
	}
}

// isYAML reports whether the name of a file ends as that of one in YAML, in whatever case.
func isYAML(name string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(name)))
}

// InFolder reports whether a folder has a file of that name, with slashes and relative to
// it, as a mapping: IsMapping, and in no hidden folder.
func InFolder(name string) bool {
	return IsMapping(name) && !strings.HasPrefix(name, ".") && !strings.Contains(name, "/.")
}

// IsMapping reports by its name whether a file is a mapping: YAML, and neither a test nor
// the Manifest of a folder.
func IsMapping(name string) bool {
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	return filepath.Base(name) != Manifest && isYAML(name) && !strings.HasSuffix(base, "_test") && !strings.HasPrefix(base, ".")
}
