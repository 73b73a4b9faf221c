package mapping

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// maxIncluded bounds the files that one mapping may pull in.
const maxIncluded = 256

// addIncludes reads what the file includes, and what that includes, into the
// file. Names are relative to the folder of the file that says them, with
// slashes, and may be addresses (s3://…) where f.Name is one: read gets them
// whole. A file that cannot be read is no error here: the engine reports it at
// the line that names it.
func addIncludes(f *engine.File, read func(name string) ([]byte, error)) {
	wanted := syntax.Includes(f.Name, f.Text)
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, ok := f.Includes[name]; ok {
			continue
		}
		if f.Includes == nil {
			f.Includes = map[string]syntax.Include{}
		}
		if len(f.Includes) >= maxIncluded {
			f.Includes[name] = syntax.Include{Err: errTooMany}
			continue
		}
		text, err := read(name)
		f.Includes[name] = syntax.Include{Text: text, Err: err}
		if err == nil {
			wanted = append(wanted, syntax.Includes(name, text)...)
		}
	}
}

var errTooMany = fmt.Errorf("the mapping includes more than %d files: join some of them", maxIncluded)

// readFile reads a mapping or fragment whose size is bounded.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, shorten(err)
	}
	defer file.Close() // only read
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, shorten(err)
	case info.IsDir():
		return nil, fmt.Errorf("it is a folder")
	case info.Size() > syntax.MaxBytes:
		return nil, fmt.Errorf("it has %d bytes, the limit is %d: split it", info.Size(), syntax.MaxBytes)
	}
	text, err := os.ReadFile(filepath.FromSlash(name))
	return text, shorten(err)
}

// shorten leaves out of an error of the file system what the sentence around it
// says already.
func shorten(err error) error {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err
	}
	return err
}

// WithoutFragments leaves out the files that others of them include and that
// are no mappings by themselves.
func WithoutFragments(files []engine.File) []engine.File {
	included := map[string]bool{}
	for _, f := range files {
		for name := range f.Includes {
			included[name] = true
		}
	}
	var mappings []engine.File
	for _, f := range files {
		if !included[f.Name] || !syntax.IsFragment(f.Text) {
			mappings = append(mappings, f)
		}
	}
	return mappings
}
