package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// Only files count, and all of them together.
func TestFewBytesAreOfSmallFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, size int64) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
		return path
	}
	empty, half, most, more := file("empty", 0), file("half", 1<<19), file("most", 1<<20), file("more", 1<<20+1)
	for _, test := range []struct {
		names []string
		few   bool
	}{
		{nil, true}, {[]string{empty}, true}, {[]string{half, empty, half}, true}, {[]string{most}, true},
		{[]string{more}, false}, {[]string{half, half, half}, false},
		{[]string{dir}, false}, {[]string{"-"}, false}, {[]string{"s3://raw/20260314"}, false}, {[]string{empty, dir}, false},
	} {
		if got := fewBytes(test.names); got != test.few {
			t.Errorf("%v: %v", test.names, got)
		}
	}
}
