package mapping

import (
	"fmt"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/syntax"
)

// What one mapping may include: files, and bytes of them all; and bytes of all files
// of its tables.
const (
	maxIncluded      = 256
	maxIncludedBytes = 8 << 20
	maxTablesBytes   = 64 << 20
)

// Reading gets a file by its name, of at most so many bytes, whole.
type Reading func(name string, limit int) ([]byte, error)

// addIncludes reads what the file includes, and what that includes, into the
// file, and the files of its tables. Names are relative to the folder of the file
// that says them, with slashes, and may be addresses (s3://…) where f.Name is one. A
// file that cannot be read is not an error here: the engine reports it at the line
// that names it.
func addIncludes(f *engine.File, read Reading) {
	wanted, total := syntax.Includes(f.Name, f.Text), 0
	f.Includes = map[string]syntax.Include{}
	tables := syntax.TableFiles(f.Name, f.Text)
	for len(wanted) > 0 {
		name := wanted[0]
		wanted = wanted[1:]
		if _, ok := f.Includes[name]; ok {
			continue
		}
		if len(f.Includes) >= maxIncluded {
			f.Includes[name] = syntax.Include{Err: errTooMany}
			continue
		}
		text, err := read(name, syntax.MaxBytes)
		if total += len(text); err == nil && total > maxIncludedBytes {
			text, err = nil, errTooLong
		}
		f.Includes[name] = syntax.Include{Text: text, Err: err}
		if err == nil {
			wanted = append(wanted, syntax.Includes(name, text)...)
			tables = append(tables, syntax.TableFiles(name, text)...)
		}
	}
	addTables(f, tables, read)
	if len(f.Includes) == 0 {
		f.Includes = nil
	}
}

func addTables(f *engine.File, names []string, read Reading) {
	total := 0
	for i, name := range names {
		if _, ok := f.Includes[name]; ok {
			continue
		}
		if i >= maxIncluded {
			f.Includes[name] = syntax.Include{Err: errTooMany}
			continue
		}
		text, err := read(name, syntax.MaxTableBytes)
		if total += len(text); err == nil && total > maxTablesBytes {
			text, err = nil, errTablesTooLong
		}
		f.Includes[name] = syntax.Include{Text: text, Err: err}
	}
}

// once reads each file of a table once: several mappings of a set may name it.
func (read Reading) once() Reading {
	known := map[string]syntax.Include{}
	return func(name string, limit int) ([]byte, error) {
		if limit != syntax.MaxTableBytes {
			return read(name, limit)
		}
		if _, ok := known[name]; !ok {
			text, err := read(name, limit)
			known[name] = syntax.Include{Text: text, Err: err}
		}
		return known[name].Text, known[name].Err
	}
}

var (
	errTooMany       = fmt.Errorf("the mapping includes more than %d files: join some of them", maxIncluded)
	errTablesTooLong = fmt.Errorf("the tables of the mapping have more than %d bytes together: leave out rows and columns that no rule looks up", maxTablesBytes)
	errTooLong       = fmt.Errorf("the files that the mapping includes have more than %d bytes together: make them smaller", maxIncludedBytes)
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
