package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sluice-lake/sluice/cli/studio"
	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
	"github.com/sluice-lake/sluice/runtime/source"
)

// workbench lets the page of studio do what the commands check, explain, test and diff do.
// Several goroutines may use it.
type workbench struct {
	app     *app
	names   []string // of the mappings
	strict  bool
	life    context.Context // of guests
	shipped map[string]bool // mappings that are in no folder
}

// bench is what the page works with, without alerts. The error says why the mappings cannot
// be read; those with faults can be.
func (w *workbench) bench(preset bool) (*studio.Bench, error) {
	b := &studio.Bench{Mappings: w.names, Open: w.open, Stamp: w.stamp, Read: w.read, Write: w.write, Test: w.test, Columns: changedColumns, Explain: w.explain}
	w.shipped = map[string]bool{}
	loader := mapping.Loader{AllowOutside: w.app.loader.AllowOutside}
	files, err := loader.Load(w.names)
	if err != nil {
		return nil, err
	}
	for _, name := range w.names {
		if _, err := os.Stat(name); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		of, err := loader.Load([]string{name})
		if err != nil {
			return nil, err
		}
		for _, f := range w.list(&loader, of) {
			w.shipped[f.Name] = true
		}
	}
	b.Files = w.list(&loader, files)
	if len(w.shipped) == len(b.Files) {
		b.Hint = "These files are part of sluice: changes are tried, and not kept."
		if preset {
			b.Hint += " `sluice init my` writes a mapping of your own, for `sluice studio -m my`."
		}
	}
	return b, nil
}

// with is an app of its own that loads mappings with edits, and says nothing.
func (w *workbench) with(edits map[string][]byte) *app {
	a := new(app)
	*a = *w.app
	a.Err, a.logged = io.Discard, &guestLogs{}
	a.loader = mapping.Loader{AllowOutside: w.app.loader.AllowOutside, Edits: edits}
	a.newGuests(w.life) // collected with the engine
	return a
}

// open is studio.Bench.Open: what `sluice check` does. Leaves are followed for the page.
func (w *workbench) open(ctx context.Context, edits map[string][]byte) *studio.Version {
	a := w.with(edits)
	files, err := a.loader.Load(w.names)
	if err != nil {
		return &studio.Version{Err: err}
	}
	options := a.options(w.strict)
	options.Follow = true
	e, found := engine.Lint(files, options, a.testAlerts(ctx, files))
	if err := a.knownSettings(e); err != nil {
		return &studio.Version{Err: err}
	}
	r := checkReport{files: files, found: found}
	r.sort(false)
	return &studio.Version{Files: w.list(&a.loader, files), Engine: e, Check: r.json()}
}

// list lists the files of mappings: each with what it includes and its tests.
func (w *workbench) list(loader *mapping.Loader, files []engine.File) (all []studio.File) {
	for _, f := range files {
		all = append(all, studio.File{Name: f.Name, Kind: "mapping", Text: string(f.Text)})
	}
	for _, f := range files {
		for name, in := range f.Includes {
			if in.Set != nil {
				continue // its files are there, too
			}
			kind := "included"
			if ending := strings.ToLower(filepath.Ext(name)); in.Document == nil && (ending == ".csv" || ending == ".json") {
				kind = "table"
			}
			if in.Err == nil || canBeMade(name, in.Err) {
				all = append(all, studio.File{Name: name, Kind: kind, Text: string(in.Text), Missing: in.Err != nil})
			}
		}
	}
	all = append(all, w.tests(loader, files)...)
	kinds := []string{"mapping", "tests", "included", "table"}
	slices.SortStableFunc(all, func(a, b studio.File) int {
		if a.Kind != b.Kind {
			return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
		}
		return strings.Compare(a.Name, b.Name)
	})
	all = slices.CompactFunc(all, func(a, b studio.File) bool { return a.Name == b.Name })
	for i := range all {
		w.fix(&all[i])
		all[i].Shipped = w.isShipped(all[i].Name)
	}
	return all
}

// canBeMade reports whether a file that a mapping names is missing where the mapping may name
// files, so that the page can make it. What it cannot be read for otherwise is not missing.
func canBeMade(name string, err error) bool {
	ending := strings.ToLower(filepath.Ext(name))
	return errors.Is(err, fs.ErrNotExist) && slices.Contains([]string{".yaml", ".yml", ".csv", ".json"}, ending)
}

// tests are the files of tests. Where there is none, the one beside the first mapping is missing.
func (w *workbench) tests(loader *mapping.Loader, files []engine.File) (all []studio.File) {
	for _, name := range testsOf(loader, files) {
		if text, err := loader.Tests(name); err == nil {
			all = append(all, studio.File{Name: filepath.ToSlash(filepath.Clean(name)), Kind: "tests", Text: string(text)})
		}
	}
	if len(all) > 0 || len(files) == 0 || w.shipped[files[0].Name] {
		return all
	}
	first := filepath.ToSlash(filepath.Clean(files[0].Name))
	name := strings.TrimSuffix(first, filepath.Ext(first)) + "_test.yaml"
	if _, err := loader.Tests(name); canBeMade(name, err) {
		all = append(all, studio.File{Name: name, Kind: "tests", Missing: true})
	}
	return all
}

// fix says of a file why the page cannot edit it, and leaves out a text that is too long
// for it.
func (w *workbench) fix(f *studio.File) {
	switch {
	case mapping.IsShipped(f.Name):
		f.Fixed = "it is a part of sluice"
	case len(f.Text) > syntax.MaxBytes:
		f.Fixed, f.Text = "it has more than 1 MiB", ""
	case !utf8.ValidString(f.Text):
		f.Fixed = "it has bytes that are not UTF-8"
	case strings.Contains(strings.ReplaceAll(f.Text, "\r\n", ""), "\r"):
		f.Fixed = "it has carriage returns that end no line"
	}
}

// isShipped reports whether a file is a part of the program.
func (w *workbench) isShipped(name string) bool { return w.shipped[name] || mapping.IsShipped(name) }

// stamp is studio.Bench.Stamp.
func (w *workbench) stamp(files []studio.File) string {
	var names []string
	for _, name := range w.names {
		if _, err := os.Stat(name); err == nil {
			names = append(names, name)
		}
	}
	for _, f := range files {
		if !w.isShipped(f.Name) {
			names = append(names, filepath.FromSlash(f.Name))
		}
	}
	return snapshot(names)
}

// read is studio.Bench.Read. It reads the file as a load of the mappings does: below their
// folders.
func (w *workbench) read(name string) (studio.File, error) {
	loader := mapping.Loader{AllowOutside: w.app.loader.AllowOutside}
	files, err := loader.Load(w.names)
	if err != nil {
		return studio.File{}, err
	}
	for _, f := range w.list(&loader, files) {
		if f.Name == name {
			return f, nil
		}
	}
	return studio.File{}, fmt.Errorf("%s is no file of the mapping any more", name)
}

// write is studio.Bench.Write, of a file that read gave.
func (w *workbench) write(name, text string) error {
	name = filepath.FromSlash(name)
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		return rewrite(name, []byte(text))
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640) // somebody else's stays
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// test is studio.Bench.Test.
func (w *workbench) test(ctx context.Context, edits map[string][]byte) studio.Tested {
	suites, faults, err := w.with(edits).readSuites(ctx, w.names)
	if err != nil {
		return studio.Tested{Error: err.Error()}
	}
	var sorted syntax.Faults
	if errors.As(faults.Err(), &sorted) {
		t := studio.Tested{}
		for _, f := range sorted {
			t.Faults = append(t.Faults, studio.Fault{Where: f.Pos.String(), Message: f.Message})
		}
		return t
	}
	report, err := trials(suites, regexp.MustCompile("")) // all of them
	if err != nil {
		return studio.Tested{Error: err.Error()}
	}
	return studio.Tested{Report: report.json()}
}

// explain is studio.Bench.Explain.
func (w *workbench) explain(e *engine.Engine, line source.Line) any {
	one := alertOf(line)
	return explanationOf(e, one, one.explain(e))
}
