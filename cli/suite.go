package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/mappingtest"
	"github.com/sluice-lake/sluice/engine/ocsf"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/source"
)

// suite is one mapping, or the set of a folder, with its tests.
type suite struct {
	name     string // of the file or the folder
	mappings []engine.File
	isSet    bool
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

// suites finds mappings and their tests, and compiles and reads them. All faults of
// all of them are reported together.
func (a *app) suites(ctx context.Context, args []string) ([]*suite, error) {
	suites, faults, err := a.readSuites(ctx, args)
	if err != nil {
		return nil, err
	}
	if err := a.testFaults(faults, suites); err != nil {
		return nil, err
	}
	return suites, a.knownSettings(engines(suites)...)
}

// readSuites is suites, with the faults for the caller to report.
func (a *app) readSuites(ctx context.Context, args []string) (suites []*suite, faults syntax.Faults, err error) {
	found, err := a.loader.Suites(args)
	if err != nil {
		return nil, nil, usage(err)
	}
	for _, f := range found {
		s := &suite{name: f.Name, mappings: f.Mappings, isSet: f.IsSet}
		suites = append(suites, s)
		e, err := engine.Compile(s.mappings, a.options(false))
		var of syntax.Faults
		if errors.As(err, &of) {
			faults = append(faults, of...)
		} else if err != nil {
			return nil, nil, usage(err)
		}
		s.engine = e
		for _, t := range f.Tests {
			file := &testFile{name: t.Name, src: t.Text}
			s.files = append(s.files, file)
			faults = append(faults, file.read(ctx, &a.loader, e)...)
		}
	}
	return suites, faults, nil
}

func engines(suites []*suite) []*engine.Engine {
	var all []*engine.Engine
	for _, s := range suites {
		all = append(all, s.engine)
	}
	return all
}

// read reads the tests and their alerts. The engine, of the mappings, is nil when
// they have faults.
func (f *testFile) read(ctx context.Context, loader *mapping.Loader, e *engine.Engine) syntax.Faults {
	var faults syntax.Faults
	f.tests, faults = syntax.ParseTests(f.name, f.src)
	faults = append(faults, f.readAlerts(ctx, loader)...)
	if e == nil {
		return faults
	}
	var classes []*ocsf.Class
	for _, m := range e.Mappings {
		if m.Layout != nil {
			classes = append(classes, m.Layout.Class)
		}
	}
	return append(faults, mappingtest.Check(f.tests, classes)...)
}

// texts are the files of suites, for showing their lines.
func texts(suites []*suite) []engine.File {
	var files []engine.File
	for _, s := range suites {
		files = append(files, s.mappings...)
		for _, f := range s.files {
			files = append(files, engine.File{Name: f.name, Text: f.src})
		}
	}
	return files
}

// readAlerts reads the alerts of all tests. One that cannot be read is a fault of
// its test.
func (f *testFile) readAlerts(ctx context.Context, loader *mapping.Loader) syntax.Faults {
	var faults syntax.Faults
	f.alerts = make([]string, len(f.tests))
	read, size := map[string]alertFile{}, 0
	for i := range f.tests {
		t := &f.tests[i]
		f.alerts[i] = t.Alert
		if name := t.AlertFile.Value; name != "" {
			file, ok := read[name]
			if !ok {
				file = f.alertFile(ctx, loader, name)
				read[name] = file
			}
			line, err := file.line(t)
			if err != nil {
				faults.Add(t.AlertFile.Pos, "%v", err)
			}
			f.alerts[i] = line
		}
		if size += len(f.alerts[i]); t.TooManyAlerts(size, &faults) {
			break
		}
	}
	return faults
}

// alertFile is the lines of a file that tests name.
type alertFile struct {
	name  string
	lines map[int64]oneAlert
	last  int64
	err   error
}

// alertFile reads the lines that tests name of a file.
func (f *testFile) alertFile(ctx context.Context, loader *mapping.Loader, value string) alertFile {
	var numbers []int64
	for i := range f.tests {
		if t := &f.tests[i]; t.AlertFile.Value == value {
			numbers = append(numbers, t.AlertLine)
		}
	}
	slices.Sort(numbers)
	name := filepath.FromSlash(value)
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(f.name), name)
	}
	a := alertFile{name: name}
	file, err := loader.Open(name)
	if err != nil {
		a.err = fmt.Errorf("%s cannot be read: %w", value, err)
		return a
	}
	in := source.Input{Name: name, Size: -1, Open: func(context.Context) (io.ReadCloser, error) { return file, nil }}
	a.lines, a.last, a.err = linesAt(ctx, in, slices.Compact(numbers))
	return a
}

// line returns the line of a test's alert.
func (a *alertFile) line(t *syntax.Test) (string, error) {
	if a.err != nil {
		return "", a.err
	}
	one, ok := a.lines[t.AlertLine]
	switch {
	case !ok:
		return "", noLine(a.name, a.last, t.AlertLine)
	case one.bad != "":
		return "", fmt.Errorf("line %d of %s: %s", t.AlertLine, t.AlertFile.Value, one.bad)
	}
	return one.line, nil
}

// testedFiles lists the files whose changes make the tests worth running again.
func (a *app) testedFiles(args []string) []string {
	files := make([]string, 0, len(args))
	for _, arg := range args {
		arg = strings.TrimSuffix(arg, "/...")
		if info, err := os.Stat(arg); err == nil && !info.IsDir() {
			arg = filepath.Dir(arg) // its mapping, its tests, its alerts, what it includes
		}
		files = append(files, arg)
	}
	suites, err := a.loader.Suites(args)
	if err != nil {
		return files
	}
	for _, s := range suites {
		for _, m := range s.Mappings {
			for name := range m.Includes {
				files = append(files, filepath.FromSlash(name))
			}
		}
		for _, f := range s.Tests {
			tests, _ := syntax.ParseTests(f.Name, f.Text) // the run reports faults
			for _, t := range tests {
				if t.AlertFile.Value != "" {
					files = append(files, filepath.Join(filepath.Dir(f.Name), filepath.FromSlash(t.AlertFile.Value)))
				}
			}
		}
	}
	return files
}
