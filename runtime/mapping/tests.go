package mapping

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
)

// Suite is a mapping with its test files, or all mappings of a folder as a set.
// Those of NAME.yaml are NAME_test.yaml, or .yml, beside it; those of the set are
// _test.yaml or set_test.yaml in the folder.
type Suite struct {
	Name     string        // of the mapping's file, or of the folder
	Mappings []engine.File // one, or those of the set
	IsSet    bool
	Tests    []TestFile
}

// TestFile is one file of tests.
type TestFile struct {
	Name string // with slashes
	Text []byte
}

// Suites finds what each argument names: a mapping with its tests, a test file
// with its mapping, or all of both in a folder and below. They come in the order of
// the mappings' names. A mapping without tests is a suite too, but all of them
// together have a test. All errors are reported together.
func (l *Loader) Suites(args []string) ([]Suite, error) {
	found := suites{loader: l, byName: map[string]*Suite{}}
	var errs []error
	for _, arg := range args {
		mappings, tests, err := l.testArgument(arg)
		errs = append(errs, err)
		for _, name := range mappings {
			errs = append(errs, found.mapping(name))
		}
		for _, name := range tests {
			errs = append(errs, found.test(name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var sorted []Suite
	tested := false
	for _, s := range found.byName {
		sorted = append(sorted, *s)
		tested = tested || len(s.Tests) > 0
	}
	if !tested {
		return nil, fmt.Errorf("%s has no test: those of NAME.yaml are in NAME_test.yaml beside it; `sluice init` writes one to start from", strings.Join(args, ", "))
	}
	slices.SortFunc(sorted, func(a, b Suite) int { return cmp.Compare(a.Name, b.Name) })
	return sorted, nil
}

// testArgument returns the mappings and the test files that an argument means.
func (l *Loader) testArgument(arg string) (mappings, tests []string, err error) {
	arg = strings.TrimSuffix(arg, "/...")
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("%s cannot be tested: there is no such file or folder, and tests are files beside a mapping", arg)
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be tested: %w", arg, err)
	case !info.IsDir() && IsTest(arg):
		return nil, []string{arg}, nil
	case !info.IsDir():
		return []string{arg}, l.TestsBeside(arg), nil
	}
	files, err := l.Load([]string{arg})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		mappings = append(mappings, f.Name)
	}
	err = filepath.WalkDir(arg, visible(arg, func(name string) error {
		if IsTest(name) {
			tests = append(tests, name)
		}
		return nil
	}))
	for name := range l.Edits {
		inside, relErr := filepath.Rel(arg, filepath.FromSlash(name))
		if IsTest(name) && relErr == nil && filepath.IsLocal(inside) {
			tests = append(tests, filepath.FromSlash(name)) // also where the walk found it
		}
	}
	slices.Sort(tests)
	return mappings, tests, err
}

// IsTest reports, from its name, whether a file has tests.
func IsTest(name string) bool {
	ext := filepath.Ext(name)
	base := filepath.Base(name)
	return isYAML(name) && strings.HasSuffix(base, "_test"+ext) && !strings.HasPrefix(base, ".")
}

// TestsBeside lists the test files of a mapping that exist.
func (l *Loader) TestsBeside(name string) []string {
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	tests := []string{stem + "_test.yaml", stem + "_test.yml"}
	if !slices.Contains([]string{".yaml", ".yml"}, ext) {
		tests = append(tests, stem+"_test"+ext)
	}
	return l.existing(tests...)
}

// existing returns those of some files that there are, or that an edit would make.
func (l *Loader) existing(names ...string) []string {
	var out []string
	for _, name := range names {
		_, edited := l.Edits[filepath.ToSlash(filepath.Clean(name))]
		if _, err := os.Stat(name); err == nil || edited {
			out = append(out, name)
		}
	}
	return out
}

// suites are those found so far, by the name of the mapping.
type suites struct {
	loader *Loader
	byName map[string]*Suite
}

func (found suites) mapping(name string) error {
	name = filepath.ToSlash(filepath.Clean(name))
	if found.byName[name] != nil {
		return nil
	}
	files, err := found.loader.Load([]string{name})
	if err != nil {
		return err
	}
	if len(files) == 1 && !files[0].Document.IsFragment() {
		found.byName[name] = &Suite{Name: name, Mappings: files}
	}
	return nil
}

// set adds the suite of a folder.
func (found suites) set(dir string) error {
	if found.byName[dir] != nil {
		return nil
	}
	files, err := found.loader.Load([]string{dir})
	if err != nil {
		return err
	}
	found.byName[dir] = &Suite{Name: dir, Mappings: files, IsSet: true}
	return nil
}

// testsSet reports whether a test file is about all mappings of its folder, which it
// returns.
func (l *Loader) testsSet(name string) (dir string, ok bool) {
	switch dir, base := filepath.Split(filepath.FromSlash(name)); strings.TrimSuffix(base, filepath.Ext(base)) {
	case "_test":
		return filepath.ToSlash(filepath.Clean(dir)), true
	case "set_test":
		return filepath.ToSlash(filepath.Clean(dir)), len(l.existing(dir+"set.yaml", dir+"set.yml")) == 0
	}
	return "", false
}

// SetTests lists the test files of the set of a folder that exist.
func (l *Loader) SetTests(dir string) []string {
	var names []string
	for _, base := range []string{"_test.yaml", "_test.yml", "set_test.yaml", "set_test.yml"} {
		name := filepath.Join(dir, base)
		if _, ok := l.testsSet(name); ok {
			names = append(names, l.existing(name)...)
		}
	}
	return names
}

// tested adds the suite that a test file is about, and returns its name.
func (found suites) tested(name string) (about string, err error) {
	if dir, ok := found.loader.testsSet(name); ok {
		return dir, found.set(dir)
	}
	stem := strings.TrimSuffix(strings.TrimSuffix(name, filepath.Ext(name)), "_test")
	beside := found.loader.existing(stem+".yaml", stem+".yml", stem+filepath.Ext(name), stem+".YAML", stem+".YML")
	if len(beside) == 0 {
		return "", fmt.Errorf("%s has no mapping: by its name it tests %s.yaml, which does not exist", name, stem)
	}
	return beside[0], found.mapping(beside[0])
}

// test adds a test file to the suite of the mapping beside it, or of its folder.
func (found suites) test(name string) error {
	name = filepath.ToSlash(filepath.Clean(name))
	about, err := found.tested(name)
	if err != nil {
		return err
	}
	s := found.byName[about]
	if s == nil || slices.ContainsFunc(s.Tests, func(f TestFile) bool { return f.Name == name }) {
		return nil
	}
	text, err := found.loader.Tests(name)
	if err != nil {
		return fmt.Errorf("test file %s cannot be read: %w", name, err)
	}
	s.Tests = append(s.Tests, TestFile{name, text})
	return nil
}
