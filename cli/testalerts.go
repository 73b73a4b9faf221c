package cli

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// testAlerts gathers the alerts of the tests beside mappings and those that they extend,
// and of the tests of their folders where these mappings are a set, or one that has tests
// of its own too. It skips tests with faults: `sluice test` reports those.
func (a *app) testAlerts(ctx context.Context, files []engine.File) []string {
	var alerts []string
	for _, name := range testsOf(&a.loader, files) {
		alerts = append(alerts, a.alertsIn(ctx, name)...)
	}
	return alerts
}

// testsOf names the files of those tests, each once.
func testsOf(loader *mapping.Loader, files []engine.File) (all []string) {
	read, folders := map[string]bool{}, map[string]bool{}
	for _, f := range files {
		names := loader.TestsBeside(f.Name)
		if dir := filepath.Dir(filepath.FromSlash(f.Name)); !folders[dir] && (len(files) > 1 || len(names) > 0) {
			folders[dir] = true
			names = append(names, loader.SetTests(dir)...)
		}
		for included := range f.Includes {
			names = append(names, loader.TestsBeside(included)...)
		}
		for _, name := range names {
			if !read[name] {
				read[name] = true
				all = append(all, name)
			}
		}
	}
	return all
}

// alertsIn reads the alerts of a file of tests.
func (a *app) alertsIn(ctx context.Context, name string) (alerts []string) {
	src, err := a.loader.Tests(name)
	if err != nil {
		return nil
	}
	file := &testFile{name: name, src: src}
	file.tests, _ = syntax.ParseTests(name, src)
	file.readAlerts(ctx, &a.loader) // those that cannot be read are left out
	return slices.DeleteFunc(file.alerts, func(line string) bool { return line == "" })
}
