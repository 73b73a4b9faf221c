package mapping

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// What one mapping may include: files, and bytes of them all.
const (
	maxIncluded      = 256
	maxIncludedBytes = 8 << 20
)

// addIncludes reads what the file includes, and what that includes, into the
// file. Names are relative to the folder of the file that says them, with
// slashes, and may be addresses (s3://…) where f.Name is one: read gets them
// whole. A file that cannot be read is not an error here: the engine reports it at
// the line that names it.
func addIncludes(f *engine.File, read func(name string) ([]byte, error)) {
	wanted, total := syntax.Includes(f.Name, f.Text), 0
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
		if total += len(text); err == nil && total > maxIncludedBytes {
			text, err = nil, errTooLong
		}
		f.Includes[name] = syntax.Include{Text: text, Err: err}
		if err == nil {
			wanted = append(wanted, syntax.Includes(name, text)...)
		}
	}
}

var (
	errTooMany = fmt.Errorf("the mapping includes more than %d files: join some of them", maxIncluded)
	errTooLong = fmt.Errorf("the files that the mapping includes have more than %d bytes together: make them smaller", maxIncludedBytes)
)

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
