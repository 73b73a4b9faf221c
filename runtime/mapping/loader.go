package mapping

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// Loader reads the mappings that people name, and the files that these name in
// turn: what they include, tables, modules and the alerts of tests. Such files are
// regular ones and lie below the roots of the mapping, and no link leads out of
// these: a mapping from elsewhere must not read the files of this machine. The roots
// are the folder that was named, or that of the file that was; and the
// working directory, where the name is a relative one below it.
//
// The zero value is ready. One goroutine at a time may use it.
type Loader struct {
	// AllowOutside lets mappings name any regular file.
	AllowOutside bool
	// Edits are texts that stand in for what files hold, by the names of the files as
	// messages show them. Of files that do not exist, those of tests are there because of an edit.
	Edits map[string][]byte

	roots []string // of all that was loaded, absolute
}

// Load is the func Load with the roots of this loader.
func (l *Loader) Load(args []string) ([]engine.File, error) {
	var files []engine.File
	var errs []error
	seen := map[string]bool{}
	for _, arg := range args {
		found, err := l.load(arg)
		if err != nil {
			errs = append(errs, err)
		}
		for _, f := range found {
			if !seen[f.Name] {
				seen[f.Name] = true
				files = append(files, f)
			}
		}
	}
	if len(args) > 1 {
		files = WithoutFragments(files)
	}
	return files, errors.Join(errs...)
}

// Module reads a module that a loaded mapping names, of at most MaxModule bytes.
func (l *Loader) Module(name string) ([]byte, error) {
	return l.within(l.roots).read(name, MaxModule)
}

// Tests reads a file of tests beside a loaded mapping, of at most syntax.MaxTestBytes.
func (l *Loader) Tests(name string) ([]byte, error) {
	return l.edited(l.within(l.roots).read)(name, syntax.MaxTestBytes)
}

// edited gives the texts of Edits in place of those that read gives.
func (l *Loader) edited(read Reading) Reading {
	if len(l.Edits) == 0 {
		return read
	}
	return func(name string, limit int) ([]byte, error) {
		text, ok := l.Edits[filepath.ToSlash(filepath.Clean(name))]
		switch {
		case !ok:
			return read(name, limit)
		case len(text) > limit:
			return nil, tooLong(int64(len(text)), limit)
		}
		return text, nil
	}
}

// Open opens a file that a loaded mapping or a test beside it names.
func (l *Loader) Open(name string) (*os.File, error) { return l.within(l.roots).open(name) }

// rooted gives the roots of an argument, and adds them to those of the loader.
func (l *Loader) rooted(arg string, isFolder bool) (confined, error) {
	dir, err := filepath.Abs(arg)
	if err != nil {
		return confined{}, err
	}
	if !isFolder {
		dir = filepath.Dir(dir)
	}
	roots := []string{dir}
	for _, root := range l.roots { // what was named before may be around it
		if inside, err := filepath.Rel(root, dir); err == nil && filepath.IsLocal(inside) && len(root) < len(roots[0]) {
			roots = []string{root}
		}
	}
	if working, ok := workingDirectory(arg); ok && !slices.Contains(roots, working) {
		roots = append(roots, working)
	}
	for _, root := range roots {
		if !slices.Contains(l.roots, root) {
			l.roots = append(l.roots, root)
		}
	}
	return l.within(roots), nil
}

// workingDirectory is a root of what is named by a relative name below it, unless it
// has more than a project: the home folder and the top of the file system have.
func workingDirectory(arg string) (string, bool) {
	dir, err := os.Getwd()
	home, homeErr := os.UserHomeDir()
	switch {
	case err != nil, !filepath.IsLocal(arg), dir == filepath.Dir(dir), homeErr == nil && dir == filepath.Clean(home):
		return "", false
	}
	return dir, true
}

func (l *Loader) within(roots []string) confined {
	return confined{roots: slices.Clone(roots), outside: l.AllowOutside}
}

// confined opens files below some folders.
type confined struct {
	roots   []string
	outside bool // anywhere
}

func (c confined) read(name string, limit int) ([]byte, error) {
	file, err := c.open(name)
	if err != nil {
		return nil, err
	}
	return readAll(file, limit)
}

func (c confined) open(name string) (*os.File, error) {
	if c.outside {
		return openFile(name)
	}
	name, err := filepath.Abs(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	err = c.errOutside()
	for _, dir := range c.roots {
		inside, relErr := filepath.Rel(dir, name)
		if relErr != nil || !filepath.IsLocal(inside) {
			continue
		}
		var file *os.File
		if file, err = openIn(dir, inside); err == nil || !errors.Is(err, errLeaves) {
			return file, err
		}
	}
	return nil, err
}

var errLeaves = errors.New("a link leads out of the folder of the mapping: copy the file there, or give --allow-outside")

func (c confined) errOutside() error {
	return fmt.Errorf("it is outside of %s, the folder of the mapping: copy it there, name a folder that has both, or give --allow-outside", strings.Join(c.roots, " and of "))
}

func openIn(dir, name string) (*os.File, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, shorten(err)
	}
	defer root.Close() // nothing is written
	file, err := regular(root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0))
	if err != nil && strings.Contains(err.Error(), "escapes from parent") { // os has no name for it
		err = errLeaves
	}
	return file, err
}
