package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sluice-lake/sluice/runtime/lake"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// lakeFacts opens every object below a folder and gives their number and rows.
// The error is what Security Lake would object to.
func lakeFacts(root string) (objects int, rows int64, err error) {
	var faults []error
	for path, data := range treeOf(root) {
		if !strings.HasPrefix(path, "ext/") {
			continue
		}
		facts, err := inspect.File(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return 0, 0, fmt.Errorf("%s: %w", path, err)
		}
		objects, rows = objects+1, rows+facts.Rows
		faults = append(faults, objections(path, facts)...)
	}
	return objects, rows, errors.Join(faults...)
}

func objections(path string, f *inspect.Facts) (faults []error) {
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(path+": "+format, args...))
	}
	parts := strings.Split(path, "/")
	if len(parts) != 6 || !strings.HasPrefix(parts[2], "region=") || !strings.HasPrefix(parts[3], "accountId=") ||
		!strings.HasPrefix(parts[4], "eventDay=") || filepath.Ext(path) != ".parquet" {
		fault("the key has not the form of a lake's")
		return faults
	}
	if len(parts[5]) < 32+len(".parquet") || strings.Trim(parts[5][:32], "0123456789abcdef") != "" {
		fault("the name is not 32 hex digits")
	}
	if f.Rows == 0 {
		fault("it has no rows")
	}
	if !slices.Equal(f.Codecs, []string{"ZSTD"}) {
		fault("its codecs are %v", f.Codecs)
	}
	switch t := f.Time; {
	case t == nil || t.Nulls > 0:
		fault("some rows have no time")
	case !t.Sorted:
		fault("its rows are not in order of time")
	case len(t.Days) != 1 || "eventDay="+t.Days[0] != parts[4]:
		fault("its days are %v", t.Days)
	}
	for _, c := range f.Columns {
		if c.LargestPage > 1_000_000 && c.LargestPageValues > 1 {
			fault("%s has a page of %d bytes", c.Path, c.LargestPage)
		}
	}
	return faults
}

// treeOf reads every file below a folder, without manifests; a folder that is not there
// has none.
func treeOf(root string) map[string][]byte {
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.Contains(filepath.ToSlash(path), "/"+lake.LedgerFolder+"/") {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(path)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		files["unreadable: "+err.Error()] = nil
	}
	return files
}

// differ says where two trees differ, "" when they do not.
func differ(a, b map[string][]byte) string {
	for name, data := range a {
		if other, ok := b[name]; !ok {
			return name + " is in the first only"
		} else if !bytes.Equal(data, other) {
			return name + " has other bytes"
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			return name + " is in the second only"
		}
	}
	return ""
}
