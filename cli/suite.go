package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/source"
)

// suite is one mapping with its tests.
type suite struct {
	mapping  engine.File
	engine   *engine.Engine
	files    []*testFile
	coverage *mappingtest.Coverage
}

// testFile is one file of tests.
type testFile struct {
	name    string
	src     []byte
	tests   []syntax.Test
	alerts  []string // the lines of the tests' alerts
	results []outcome
}

// outcome is the result of the test at a position of its file.
type outcome struct {
	position int
	mappingtest.Result
}

// suites finds mappings and their tests, and compiles and reads them. All
// faults of all of them are reported in one go.
func (a *app) suites(ctx context.Context, args []string) ([]*suite, error) {
	suites, err := findSuites(args)
	if err != nil {
		return nil, usage(err)
	}
	var faults syntax.Faults
	for _, s := range suites {
		var found syntax.Faults
		s.engine, err = engine.Compile([]engine.File{s.mapping}, a.options(false))
		if errors.As(err, &found) {
			faults = append(faults, found...)
		} else if err != nil {
			return nil, usage(err)
		}
		for _, file := range s.files {
			file.tests, found = syntax.ParseTests(file.name, file.src)
			faults = append(faults, found...)
			faults = append(faults, file.readAlerts(ctx)...)
			if s.engine != nil && s.engine.Mappings[0].Layout != nil {
				faults = append(faults, mappingtest.Check(file.tests, s.engine.Mappings[0].Layout.Class)...)
			}
		}
	}
	return suites, a.testFaults(faults, suites)
}

// texts are the files of suites, for showing their lines.
func texts(suites []*suite) []engine.File {
	var files []engine.File
	for _, s := range suites {
		files = append(files, s.mapping)
		for _, f := range s.files {
			files = append(files, engine.File{Name: f.name, Text: f.src})
		}
	}
	return files
}

// findSuites turns arguments into suites, in the order of their mappings'
// names. A mapping without tests is a suite too: its rules count as unreached.
func findSuites(args []string) ([]*suite, error) {
	bySource := map[string]*suite{}
	var errs []error
	for _, arg := range args {
		mappings, tests, err := testArgument(arg)
		errs = append(errs, err)
		for _, name := range mappings {
			errs = append(errs, addSuite(bySource, name))
		}
		for _, name := range tests {
			errs = append(errs, addTests(bySource, name))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	suites := make([]*suite, 0, len(bySource))
	tested := false
	for _, s := range bySource {
		suites = append(suites, s)
		tested = tested || len(s.files) > 0
	}
	if !tested {
		return nil, fmt.Errorf("%s has no test: those of NAME.yaml are in NAME_test.yaml beside it; `sluice init` writes one to start from", strings.Join(args, ", "))
	}
	slices.SortFunc(suites, func(x, y *suite) int { return cmp.Compare(x.mapping.Name, y.mapping.Name) })
	return suites, nil
}

// testArgument gives the mappings and the test files that an argument means.
func testArgument(arg string) (mappings, tests []string, err error) {
	arg = strings.TrimSuffix(arg, "/...")
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, fmt.Errorf("%s cannot be tested: there is no such file or folder, and tests are files beside a mapping", arg)
	case err != nil:
		return nil, nil, fmt.Errorf("%s cannot be tested: %w", arg, err)
	case !info.IsDir() && isTest(arg):
		return nil, []string{arg}, nil
	case !info.IsDir():
		return []string{arg}, testsBeside(arg), nil
	}
	files, err := mapping.Load([]string{arg})
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		mappings = append(mappings, f.Name)
	}
	err = filepath.WalkDir(arg, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && isTest(name) {
			tests = append(tests, name)
		}
		return err
	})
	return mappings, tests, err
}

// isTest tells by its name whether a file holds tests.
func isTest(name string) bool {
	ext := filepath.Ext(name)
	base := filepath.Base(name)
	return (ext == ".yaml" || ext == ".yml") && strings.HasSuffix(base, "_test"+ext) && !strings.HasPrefix(base, ".")
}

func testsBeside(name string) []string {
	stem := strings.TrimSuffix(name, filepath.Ext(name))
	return existing(stem+"_test.yaml", stem+"_test.yml")
}

func existing(names ...string) []string {
	var out []string
	for _, name := range names {
		if _, err := os.Stat(name); err == nil {
			out = append(out, name)
		}
	}
	return out
}

func addSuite(suites map[string]*suite, name string) error {
	name = filepath.ToSlash(filepath.Clean(name))
	if suites[name] != nil {
		return nil
	}
	files, err := mapping.Load([]string{name})
	if err != nil {
		return err
	}
	if len(files) == 1 && !syntax.IsFragment(files[0].Text) {
		suites[name] = &suite{mapping: files[0]}
	}
	return nil
}

// addTests puts a test file into the suite of the mapping beside it.
func addTests(suites map[string]*suite, name string) error {
	name = filepath.ToSlash(filepath.Clean(name))
	stem := strings.TrimSuffix(strings.TrimSuffix(name, filepath.Ext(name)), "_test")
	beside := existing(stem+".yaml", stem+".yml")
	if len(beside) == 0 {
		return fmt.Errorf("%s has no mapping: its name says that it tests %s.yaml, which is not there", name, stem)
	}
	if err := addSuite(suites, beside[0]); err != nil {
		return err
	}
	s := suites[beside[0]]
	if s == nil || slices.ContainsFunc(s.files, func(f *testFile) bool { return f.name == name }) {
		return nil
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("test file cannot be read: %w", err)
	}
	s.files = append(s.files, &testFile{name: name, src: src})
	return nil
}

// readAlerts brings in the alerts of all tests. One that cannot be read is a
// fault of the test.
func (f *testFile) readAlerts(ctx context.Context) syntax.Faults {
	var faults syntax.Faults
	f.alerts = make([]string, len(f.tests))
	for i := range f.tests {
		t := &f.tests[i]
		line, err := f.alert(ctx, t)
		if err != nil {
			faults.Add(t.AlertFile.Pos, "%v", err)
		}
		f.alerts[i] = line
	}
	return faults
}

// alert gives the line of a test's alert.
func (f *testFile) alert(ctx context.Context, t *syntax.Test) (string, error) {
	if t.AlertFile.Value == "" {
		return t.Alert, nil
	}
	name := filepath.FromSlash(t.AlertFile.Value)
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(f.name), name)
	}
	inputs, err := source.Expand([]string{name}, bytes.NewReader(nil))
	if err != nil {
		return "", err
	}
	if len(inputs) != 1 {
		return "", fmt.Errorf("%s is no file: name the one that has the alert", t.AlertFile.Value)
	}
	one, err := lineOf(ctx, inputs[0], t.AlertLine)
	if err == nil && one.bad != "" {
		err = fmt.Errorf("line %d of %s: %s", t.AlertLine, t.AlertFile.Value, one.bad)
	}
	return one.line, err
}

// testedFiles lists what a change of makes the tests worth running again.
func testedFiles(args []string) []string {
	files := make([]string, 0, len(args))
	for _, arg := range args {
		arg = strings.TrimSuffix(arg, "/...")
		if info, err := os.Stat(arg); err == nil && !info.IsDir() {
			arg = filepath.Dir(arg) // its mapping, its tests, its alerts, what it includes
		}
		files = append(files, arg)
	}
	suites, err := findSuites(args)
	if err != nil {
		return files
	}
	for _, s := range suites {
		for name := range s.mapping.Includes {
			files = append(files, filepath.FromSlash(name))
		}
		for _, f := range s.files {
			tests, _ := syntax.ParseTests(f.name, f.src) // faults are said by the run
			for _, t := range tests {
				if t.AlertFile.Value != "" {
					files = append(files, filepath.Join(filepath.Dir(f.name), filepath.FromSlash(t.AlertFile.Value)))
				}
			}
		}
	}
	return files
}
